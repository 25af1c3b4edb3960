// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/fileidentity.h"

#include <vector>

namespace Entracte {

/// From identities to numbers, several to one identity if need be. Made for very many questions
/// whose answer is no: that takes a look at eight bytes, with one file in it or with 50,000.
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
    struct Slot
    {
        quint32 fingerprint = 0;
        int node = -1;
    };

    static quint64 hashOf(const FileIdentity &identity)
    {
        quint64 hash = identity.inode * 0x9E3779B97F4A7C15ULL ^ identity.device;
        hash ^= hash >> 32;
        hash *= 0xD6E8FEB86659FD93ULL;
        return hash ^ hash >> 32;
    }

    int firstOf(const FileIdentity &identity) const
    {
        if (m_slots.empty())
            return -1;
        const quint64 hash = hashOf(identity);
        for (size_t at = hash & m_mask;; at = (at + 1) & m_mask) {
            const Slot &slot = m_slots[at];
            if (slot.node < 0)
                return -1;
            if (slot.fingerprint == quint32(hash >> 32)
                && m_nodes[size_t(slot.node)].identity == identity)
                return slot.node;
        }
    }

    void enter(int node);
    void resize(size_t slots);

    std::vector<Node> m_nodes;
    std::vector<Slot> m_slots; ///< as many as a power of two, at most half of them taken
    size_t m_mask = 0;
};

} // namespace Entracte
