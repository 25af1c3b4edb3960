// SPDX-License-Identifier: MIT
#include "platform/linux/detection/identityindex.h"

namespace Entracte {

void IdentityIndex::insert(const FileIdentity &identity, int value)
{
    m_nodes.push_back({identity, value, -1});
    if (m_nodes.size() * 2 > m_slots.size())
        resize(m_slots.empty() ? 16 : m_slots.size() * 2);
    else
        enter(int(m_nodes.size() - 1));
}

void IdentityIndex::clear()
{
    m_nodes.clear();
    m_slots.clear();
    m_tags.clear();
    m_mask = 0;
}

void IdentityIndex::enter(int node)
{
    const quint64 hash = hashOf(m_nodes[size_t(node)].identity);
    size_t at = hash & m_mask;
    while (m_tags[at] != free) {
        Node &other = m_nodes[size_t(m_slots[at])];
        if (m_tags[at] == tagOf(hash) && other.identity == m_nodes[size_t(node)].identity) {
            m_nodes[size_t(node)].next = other.next;
            other.next = node;
            return;
        }
        at = (at + 1) & m_mask;
    }
    m_tags[at] = tagOf(hash);
    m_slots[at] = node;
}

void IdentityIndex::reserve(size_t count)
{
    m_nodes.reserve(count);
    size_t slots = 16;
    while (slots < count * 2)
        slots *= 2;
    if (slots > m_slots.size())
        resize(slots);
}

void IdentityIndex::resize(size_t slots)
{
    m_tags.assign(slots, free);
    m_slots.assign(slots, -1);
    m_mask = m_slots.size() - 1;
    for (size_t node = 0; node < m_nodes.size(); ++node) {
        m_nodes[node].next = -1;
        enter(int(node));
    }
}

} // namespace Entracte
