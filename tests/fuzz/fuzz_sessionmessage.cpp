// SPDX-License-Identifier: MIT
// libFuzzer target: everything that a hostile peer of a session's socket can say. Build with the
// preset "fuzz"; tests/run --all runs it. What it finds becomes a row of tst_sessionmessage.
#include "restart/sessionmessage.h"

#include <cstdint>
#include <cstdlib>

using namespace Entracte;

/// What was understood must survive being said again.
static void checkRoundTrip(const SessionMessage &message)
{
    const QByteArray frame = message.encoded();
    const Result<SessionMessage> again = SessionMessage::decoded(frame.mid(4));
    if (!again || again->operation != message.operation || again->resources != message.resources
        || again->filter != message.filter || again->flags != message.flags
        || again->code != message.code || again->key != message.key)
        std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArray bytes(reinterpret_cast<const char *>(data), qsizetype(size));
    if (const Result<SessionMessage> message = SessionMessage::decoded(bytes))
        checkRoundTrip(*message);

    // The same bytes as a stream that arrives in two pieces.
    FrameReader reader;
    reader.append(bytes.left(bytes.size() / 2));
    while (const std::optional<QByteArray> frame = reader.next())
        (void)SessionMessage::decoded(*frame);
    reader.append(bytes.mid(bytes.size() / 2));
    while (const std::optional<QByteArray> frame = reader.next())
        (void)SessionMessage::decoded(*frame);
    return 0;
}
