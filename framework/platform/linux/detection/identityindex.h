// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/fileidentity.h"

#include <vector>

namespace Entracte {

/// From identities to numbers, several to one identity if need be. Made for very many questions
/// whose answer is no: that takes a look at one byte, and with 50,000 files in it all such bytes
/// together fit into the cache of a core.
class IdentityIndex
{
public:
    void insert(const FileIdentity &identity, int value);
    void reserve(size_t count);
    void clear();
    bool isEmpty() const { return m_nodes.empty(); }

    bool contains(const FileIdentity &identity) const { return firstOf(identity) >= 0; }

    /// Calls \a use with each number of \a identity.
    template <typename Use>
    void each(const FileIdentity &identity, Use use) const
    {
        for (int node = firstOf(identity); node >= 0; node = m_nodes[size_t(node)].next)
            use(m_nodes[size_t(node)].value);
    }

private:
    struct Node
    {
        FileIdentity identity;
        int value;
        int next; ///< of the same identity; -1: none
    };
    static quint64 hashOf(const FileIdentity &identity)
    {
        quint64 hash = identity.inode * 0x9E3779B97F4A7C15ULL ^ identity.device;
        hash ^= hash >> 32;
        hash *= 0xD6E8FEB86659FD93ULL;
        return hash ^ hash >> 32;
    }

    static constexpr quint8 free = 0;
    static quint8 tagOf(quint64 hash) { return quint8(hash >> 56) | 1; }

    int firstOf(const FileIdentity &identity) const
    {
        if (m_slots.empty())
            return -1;
        const quint64 hash = hashOf(identity);
        for (size_t at = hash & m_mask;; at = (at + 1) & m_mask) {
            if (m_tags[at] == free)
                return -1;
            if (m_tags[at] == tagOf(hash) && m_nodes[size_t(m_slots[at])].identity == identity)
                return m_slots[at];
        }
    }

    void enter(int node);
    void resize(size_t slots);

    std::vector<Node> m_nodes;
    std::vector<quint8> m_tags; ///< as many as a power of two, at most half of them taken
    std::vector<int> m_slots;   ///< as many: the nodes
    size_t m_mask = 0;
};

} // namespace Entracte
