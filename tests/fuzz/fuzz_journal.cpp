// SPDX-License-Identifier: MIT
// libFuzzer target: journals, which decide what is deleted. What it finds becomes a row of
// tst_journal.
#include "transaction/journal.h"
#include "transaction/journalreader.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <zlib.h>

using namespace Entracte;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

constexpr qsizetype sumSize = 10; // " #" and eight digits

static QByteArray sumOf(QByteArrayView body)
{
    const auto sum =
        quint32(crc32(0, reinterpret_cast<const Bytef *>(body.data()), uInt(body.size())));
    return " #" + QByteArray::number(sum, 16).rightJustified(8, '0');
}

static bool hasRightSum(QByteArrayView line)
{
    return line.size() >= sumSize && line.last(sumSize) == sumOf(line.chopped(sumSize));
}

/// Lines of \a text, each without its line feed; what follows the last one is not among them.
static QList<QByteArrayView> linesOf(QByteArrayView text)
{
    QList<QByteArrayView> lines;
    for (qsizetype start = 0, end = text.indexOf('\n'); end >= 0;
         start = end + 1, end = text.indexOf('\n', start))
        lines.append(text.sliced(start, end - start));
    return lines;
}

/// Three of four inputs get checksums that are right: chance alone would never find one.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize,
                                          unsigned int seed)
{
    const size_t mutated = LLVMFuzzerMutate(data, size, maxSize);
    if (seed % 4 == 0)
        return mutated;
    char *const text = reinterpret_cast<char *>(data);
    for (const QByteArrayView line : linesOf(QByteArrayView(text, qsizetype(mutated)))) {
        if (line.size() >= sumSize)
            std::memcpy(text + (line.data() - text) + line.size() - sumSize,
                        sumOf(line.chopped(sumSize)).constData(), size_t(sumSize));
    }
    return mutated;
}

static void insist(bool promise)
{
    if (!promise)
        std::abort();
}

static bool isInside(const QString &path)
{
    const QStringList parts = path.split(u'/');
    return !path.contains(QChar(0))
        && std::none_of(parts.begin(), parts.end(), [](const QString &p) {
               return p.isEmpty() || p == QStringLiteral(".") || p == QStringLiteral("..");
           });
}

/// What the transaction takes for granted.
static void checkRecord(const Journal::Record &record)
{
    const QString &target = record.header.targetDirectory;
    insist(!record.header.transactionId.isEmpty());
    insist(target.isEmpty() || target.startsWith(u'/'));
    for (const QString &parent : record.header.createdParents)
        insist(parent.startsWith(u'/'));
    for (auto file = record.files.begin(); file != record.files.end(); ++file) {
        insist(isInside(file.key()) && (file->mode & ~07777) == 0 && file->size >= 0);
        insist((file->kind == EntryKind::File) == (file->sha256.size() == 32));
    }
    for (const FileStep &step : record.steps) {
        insist(isInside(step.path) && (step.mode & ~07777) == 0);
        insist(step.other.isEmpty() || isInside(step.other));
    }
}

/// Whether \a later says everything that \a earlier, its beginning, said.
static bool continues(const Journal::Record &later, const Journal::Record &earlier)
{
    const bool hasSteps = later.steps.size() >= earlier.steps.size()
                       && std::equal(earlier.steps.begin(), earlier.steps.end(),
                                     later.steps.begin(), [](const FileStep &a, const FileStep &b) {
                                         return a.kind == b.kind && a.path == b.path
                                             && a.inode == b.inode && a.other == b.other
                                             && a.mode == b.mode;
                                     });
    const QStringList paths = earlier.files.keys();
    const bool hasFiles = std::all_of(paths.begin(), paths.end(), [&later](const QString &path) {
        return later.files.contains(path);
    });
    // A deferral overrules a swap that was begun and taken back before it.
    const bool hasDirection =
        later.deferral
        || (later.isSwapping >= earlier.isSwapping && later.isUndoing >= earlier.isUndoing);
    return hasSteps && hasFiles && hasDirection
        && later.header.transactionId == earlier.header.transactionId
        && later.isStaged >= earlier.isStaged && later.isCommitted >= earlier.isCommitted;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArray text(reinterpret_cast<const char *>(data), qsizetype(size));
    const QString shown = QStringLiteral("journal");
    const Result<std::optional<Journal::Record>> whole = JournalReader::parse(text, shown);
    if (!whole) {
        insist(whole.error().code == ErrorCode::Failed && whole.error().message.endsWith(u'.'));
        return 0;
    }
    if (!*whole)
        return 0;
    checkRecord(**whole);

    // The power may go anywhere: what is left is a journal that ends earlier …
    const qsizetype length = qsizetype(crc32(0, data, uInt(size)) % (size + 1));
    const QByteArray torn = text.first(length);
    const Result<std::optional<Journal::Record>> left = JournalReader::parse(torn, shown);
    insist(bool(left));
    if (!*left)
        return 0;
    checkRecord(**left);
    insist(continues(**whole, **left));

    // … and what somebody adds to it is read, unless more is damaged than its end.
    const QList<QByteArrayView> lines = linesOf(torn);
    if (!std::all_of(lines.begin(), lines.end(),
                     [](QByteArrayView line) { return line.isEmpty() || hasRightSum(line); }))
        return 0;
    const QByteArray word = "undoing";
    const Result<std::optional<Journal::Record>> resumed =
        JournalReader::parse(torn + "\n\n" + word + sumOf(word) + '\n', shown);
    // A line that is whole but for its line feed is read now, and may make no sense.
    if (!resumed)
        return 0;
    insist(resumed->has_value() && (*resumed)->isUndoing && continues(**resumed, **left));
    return 0;
}
