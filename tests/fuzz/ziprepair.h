// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <zlib.h>

/// Makes the numbers of a mutated ZIP agree with its bytes again: counts, offsets, sizes and
/// checksums. Knows as much of the format as that needs, and leaves alone what it does not find.
class ZipRepair
{
public:
    ZipRepair(uint8_t *data, size_t size)
        : m_data(data)
        , m_size(size)
        , m_locals(positionsOf("PK\3\4", 30))
        , m_centrals(positionsOf("PK\1\2", 46))
    {
    }

    void repair()
    {
        const std::vector<size_t> ends = positionsOf("PK\5\6", 22);
        if (ends.empty())
            return;
        const size_t directory = m_centrals.empty() ? ends.back() : m_centrals.front();
        for (size_t i = 0; i < std::min(m_locals.size(), m_centrals.size()); ++i)
            repairEntry(m_locals[i], m_centrals[i],
                        i + 1 < m_locals.size() ? m_locals[i + 1] : directory);

        const size_t end = ends.back();
        size_t afterDirectory = end;
        if (!m_centrals.empty()) {
            const size_t last = m_centrals.back();
            afterDirectory = std::min(end, last + 46 + number(last + 28) + number(last + 30)
                                               + number(last + 32));
        }
        setShort(end + 8, m_centrals.size());
        setShort(end + 10, m_centrals.size());
        setLong(end + 12, afterDirectory - std::min(afterDirectory, directory));
        setLong(end + 16, directory);
    }

private:
    std::vector<size_t> positionsOf(const char *signature, size_t length) const
    {
        std::vector<size_t> positions;
        for (size_t at = 0; at + length <= m_size; ++at) {
            if (std::memcmp(m_data + at, signature, 4) == 0)
                positions.push_back(at);
        }
        return positions;
    }

    void repairEntry(size_t local, size_t central, size_t end)
    {
        const size_t begin = local + 30 + number(local + 26) + number(local + 28);
        setLong(central + 42, local);
        if (begin > end || end > m_size)
            return;
        const bool hasDescriptor = number(local + 6) & 8;
        if (hasDescriptor && end - begin >= 16)
            end -= 16;

        const unsigned method = number(central + 10);
        uLong crc = crc32(0, nullptr, 0);
        size_t plain = 0;
        if (method == 0) {
            plain = end - begin;
            crc = crc32(crc, m_data + begin, uInt(plain));
        } else if (!inflateAll(begin, end, &crc, &plain)) {
            return;
        }
        for (const size_t header : {local + 14, central + 16}) {
            if (header == local + 14 && hasDescriptor)
                continue;
            setLong(header, crc, false);
            setLong(header + 4, end - begin);
            setLong(header + 8, plain);
        }
        const size_t nameSize = number(local + 26);
        if (nameSize == number(central + 28) && local + 30 + nameSize <= m_size
            && central + 46 + nameSize <= m_size)
            std::memmove(m_data + central + 46, m_data + local + 30, nameSize);
    }

    bool inflateAll(size_t begin, size_t end, uLong *crc, size_t *plain) const
    {
        z_stream stream = {};
        if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
            return false;
        stream.next_in = m_data + begin;
        stream.avail_in = uInt(end - begin);
        int reply = Z_OK;
        uint8_t block[4096];
        while (reply == Z_OK && *plain < 100'000) {
            stream.next_out = block;
            stream.avail_out = sizeof block;
            reply = inflate(&stream, Z_NO_FLUSH);
            *crc = crc32(*crc, block, uInt(sizeof block - stream.avail_out));
            *plain += sizeof block - stream.avail_out;
        }
        inflateEnd(&stream);
        return reply == Z_STREAM_END;
    }

    unsigned number(size_t at) const
    {
        return at + 2 <= m_size ? unsigned(m_data[at] | m_data[at + 1] << 8) : 0;
    }

    void setShort(size_t at, size_t value)
    {
        if (at + 2 <= m_size && number(at) != 0xffff) { // all ones: the ZIP64 record has it
            m_data[at] = uint8_t(value);
            m_data[at + 1] = uint8_t(value >> 8);
        }
    }

    void setLong(size_t at, size_t value, bool mayBeElsewhere = true)
    {
        if (at + 4 > m_size || (mayBeElsewhere && number(at) == 0xffff && number(at + 2) == 0xffff))
            return;
        for (int i = 0; i < 4; ++i)
            m_data[at + size_t(i)] = uint8_t(value >> (8 * i));
    }

    uint8_t *m_data;
    size_t m_size;
    std::vector<size_t> m_locals;
    std::vector<size_t> m_centrals;
};
