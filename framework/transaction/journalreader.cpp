// SPDX-License-Identifier: MIT
#include "transaction/journalreader.h"

#include "core/parallel.h"
#include "core/sha256.h"
#include "plan/sortbypath.h"
#include "transaction/journalline.h"

#include <QThread>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

namespace Entracte {

using namespace JournalLine;

namespace {

// --- what lines say
// -----------------------------------------------------------------------------------

std::optional<InstalledFiles::Item> ownedFile(const Fields &fields)
{
    if (fields.size() < 6)
        return std::nullopt;
    const std::optional<int> mode = permissions(fields[1]);
    const std::optional<qint64> size = number(fields[2]);
    const std::optional<qint64> modified = number(fields[3]);
    std::optional<QString> path = pathInside(fields[5]);
    std::optional<QByteArray> sha256 = Sha256::fromHex(fields[4]);
    if (!mode || !size || *size < 0 || !modified || !path || !sha256)
        return std::nullopt;
    InstalledFile file;
    file.sha256 = *std::move(sha256);
    file.mode = *mode;
    file.size = *size;
    file.modified = *modified;
    return InstalledFiles::Item{*std::move(path), std::move(file)};
}

std::optional<InstalledFiles::Item> ownedDirectory(const Fields &fields)
{
    if (fields.size() < 3)
        return std::nullopt;
    const std::optional<int> mode = permissions(fields[1]);
    std::optional<QString> path = pathInside(fields[2]);
    if (!mode || !path)
        return std::nullopt;
    InstalledFile directory;
    directory.kind = EntryKind::Directory;
    directory.mode = *mode;
    return InstalledFiles::Item{*std::move(path), std::move(directory)};
}

std::optional<InstalledFiles::Item> ownedLink(const Fields &fields)
{
    if (fields.size() < 3)
        return std::nullopt;
    std::optional<QString> path = pathInside(fields[1]);
    const std::optional<QString> target = text(fields[2]);
    if (!path || !target)
        return std::nullopt;
    InstalledFile link;
    link.kind = EntryKind::SymbolicLink;
    link.mode = 0777;
    link.linkTarget = *target;
    return InstalledFiles::Item{*std::move(path), std::move(link)};
}

using ReadOwned = std::optional<InstalledFiles::Item> (*)(const Fields &);

constexpr std::pair<QByteArrayView, ReadOwned> ownedWords[] = {
    {"file", ownedFile}, {"dir", ownedDirectory}, {"link", ownedLink}};

/// What reads a line that says what the product owns; nullptr if \a word begins no such line.
ReadOwned ownedBy(QByteArrayView word)
{
    for (const auto &[ownedWord, read] : ownedWords) {
        if (word == ownedWord)
            return read;
    }
    return nullptr;
}

/// Reads one line after another into a record, but those that say what the product owns. False: the
/// line makes no sense.
class LineReader
{
public:
    explicit LineReader(Journal::Record &record)
        : m_record(record)
    {
    }

    bool read(const Fields &fields)
    {
        const QByteArrayView word = fields.first();
        if (ownedBy(word))
            return false; // one of those, and damaged
        if (word == "target" || word == "parent")
            return readPlace(fields);
        if (word == "staged")
            m_record.isStaged = true;
        else if (word == "removal")
            m_record.header.isRemoval = true;
        else if (word == "undoing")
            m_record.isUndoing = true;
        else if (word == "swapping")
            m_record.isSwapping = true;
        else if (word == "committed")
            m_record.isCommitted = true;
        else if (word == "was" || word == "theirs" || word == "backup")
            return readFact(fields);
        else if (word == "!deferred")
            return readDeferral(fields);
        for (const auto &[kind, stepWord] : stepWords) {
            if (word == stepWord)
                return readStep(kind, fields);
        }
        return !word.startsWith('!'); // a kind of line that a later version added
    }

private:
    /// Of a deferral; counts once that is announced.
    bool readFact(const Fields &fields)
    {
        const bool isStamp = fields.first() == "was";
        if (fields.size() < (isStamp ? 4 : fields.first() == "backup" ? 3 : 2))
            return false;
        const std::optional<QString> path = pathInside(fields[isStamp ? 3 : 1]);
        if (!path)
            return false;
        if (fields.first() == "theirs") {
            m_deferral.theirs.insert(*path);
            return true;
        }
        if (isStamp) {
            const std::optional<qint64> size = number(fields[1]);
            const std::optional<qint64> modified = number(fields[2]);
            if (size && modified)
                m_deferral.seen.insert(*path, {*size, *modified, 0});
            return size && modified;
        }
        const std::optional<QString> backUp = pathInside(fields[2]);
        if (backUp)
            m_deferral.backUps.insert(*path, *backUp);
        return backUp.has_value();
    }

    bool readDeferral(const Fields &fields)
    {
        const std::optional<QString> base = fields.size() < 2 ? std::nullopt : text(fields[1]);
        if (!base)
            return false;
        m_deferral.base = *base;
        m_record.deferral = m_deferral;
        m_record.isSwapping = false;
        m_record.isUndoing = false;
        return true;
    }

    bool readPlace(const Fields &fields)
    {
        const std::optional<QString> path = fields.size() < 2 ? std::nullopt : text(fields[1]);
        if (!path || !path->startsWith(u'/'))
            return false;
        if (fields.first() == "target")
            m_record.header.targetDirectory = *path;
        else
            m_record.header.createdParents.append(*path);
        return true;
    }

    bool readStep(FileStep::Kind kind, const Fields &fields)
    {
        if (fields.size() < 5)
            return false;
        const std::optional<int> mode = permissions(fields[1]);
        bool isNumber = false;
        const quint64 inode = fields[2].toByteArray().toULongLong(&isNumber);
        const std::optional<QString> path = pathInside(fields[3]);
        const std::optional<QString> other =
            fields[4] == "%" ? std::optional(QString()) : pathInside(fields[4]);
        if (!mode || !isNumber || !path || !other)
            return false;
        m_record.steps.append({kind, *path, *mode, inode, *other});
        return true;
    }

    Journal::Record &m_record;
    Journal::Deferral m_deferral; ///< as far as it was read
};

bool readHeader(const Fields &fields, Journal::Header &header)
{
    const std::optional<QString> transaction = text(fields.value(2));
    const std::optional<QString> product = text(fields.value(3));
    const std::optional<QString> version = text(fields.value(4));
    if (fields.size() < 5 || !transaction || !product || !version || transaction->isEmpty())
        return false;
    header.transactionId = *transaction;
    header.productId = *product;
    header.version = QVersionNumber::fromString(*version);
    return true;
}

// --- where lines come from
// ----------------------------------------------------------------------------

/// The bytes of a journal, by position, for several threads.
struct Source
{
    qint64 size = 0;

    /// Fewer than asked for only at the end; negative with errno set.
    std::function<qint64(qint64 position, char *to, qint64 most)> read;
};

/// The whole lines of a part of a journal, without their checksums. Holds a window of it: memory
/// does not grow with the journal.
class Lines
{
public:
    Lines(const Source &source, qint64 begin, qint64 end)
        : m_source(source)
        , m_end(end)
        , m_window(windowSize)
        , m_start(begin)
    {
    }

    /// Valid until the next call. nullopt at the end of the part, or where the journal ends.
    std::optional<QByteArrayView> next()
    {
        while (position() < m_end && !m_isCut) {
            const std::optional<QByteArrayView> line = nextWhole();
            m_isCut = !line; // never finished
            if (!line)
                break;
            if (line->isEmpty())
                continue;
            if (const std::optional<QByteArrayView> body = checked(*line))
                return body;
            // Torn by a crash, and somebody else went on after it; or the end.
            m_isCut = (m_at == m_filled && !fill()) || m_window[size_t(m_at)] != '\n';
        }
        return std::nullopt;
    }

    qint64 position() const { return m_start + m_at; } ///< where the next line begins
    bool isCut() const { return m_isCut; }             ///< what follows does not count
    int error() const { return m_error; }              ///< what the system answered; 0: nothing

private:
    static constexpr size_t windowSize = 64 * 1024;

    std::optional<QByteArrayView> nextWhole()
    {
        for (qsizetype searched = 0;;) {
            const QByteArrayView rest(m_window.data() + m_at, m_filled - m_at);
            const qsizetype length = rest.indexOf('\n', searched);
            if (length >= 0) {
                m_at += length + 1;
                return rest.first(length);
            }
            searched = rest.size();
            if (!fill())
                return std::nullopt;
        }
    }

    /// Moves on; false if nothing more is there.
    bool fill()
    {
        std::memmove(m_window.data(), m_window.data() + m_at, size_t(m_filled - m_at));
        m_start += m_at;
        m_filled -= m_at;
        m_at = 0;
        if (size_t(m_filled) == m_window.size())
            m_window.resize(2 * m_window.size()); // for one very long line
        const qint64 position = m_start + m_filled;
        const qint64 most = qMin(qint64(m_window.size()) - m_filled, m_source.size - position);
        const qint64 got = m_source.read(position, m_window.data() + m_filled, most);
        if (got < 0)
            m_error = errno;
        else
            m_filled += got;
        return got > 0;
    }

    const Source &m_source;
    const qint64 m_end;
    std::vector<char> m_window;
    qint64 m_start;         ///< position of the window in the journal
    qsizetype m_filled = 0; ///< of the window
    qsizetype m_at = 0;     ///< in the window: where the next line begins
    bool m_isCut = false;
    int m_error = 0;
};

/// A part of a journal, as one of several threads has read it.
struct Piece
{
    qint64 begin = 0;
    qint64 end = 0;
    QList<InstalledFiles::Item> owned;
    std::vector<QByteArray> others; ///< lines that say something else
    bool isCut = false;             ///< what follows does not count
    int error = 0;                  ///< what the system answered
};

void read(Piece &piece, const Source &source)
{
    Lines lines(source, piece.begin, piece.end);
    while (const std::optional<QByteArrayView> line = lines.next()) {
        const Fields fields = split(*line);
        const ReadOwned readOwned = ownedBy(fields.first());
        if (std::optional<InstalledFiles::Item> item = readOwned ? readOwned(fields) : std::nullopt)
            piece.owned.append(*std::move(item));
        else
            piece.others.push_back(line->toByteArray());
    }
    sortByPath(piece.owned); // here, as others sort theirs
    piece.isCut = lines.isCut();
    piece.error = lines.error();
}

/// Where the first line begins that does not begin before \a position.
qint64 lineFrom(const Source &source, qint64 position)
{
    std::array<char, 1024> block;
    while (position < source.size) {
        const qint64 got = source.read(position, block.data(), block.size());
        if (got <= 0)
            break; // whoever reads the piece will say so
        const auto end = std::find(block.begin(), block.begin() + got, '\n');
        position += end - block.begin();
        if (end != block.begin() + got)
            return position + 1;
    }
    return source.size;
}

/// All from \a begin on, in order. Of a long journal nearly every line is one of the owned ones.
std::vector<Piece> piecesOf(const Source &source, qint64 begin)
{
    constexpr qint64 smallest = 256 * 1024;
    constexpr qint64 shortLine = 96;
    const qint64 pieceSize = qMax(smallest, source.size / QThread::idealThreadCount());
    std::vector<Piece> pieces;
    while (begin < source.size) {
        const qint64 end = lineFrom(source, qMin(begin + pieceSize, source.size - 1));
        pieces.push_back({begin, end, {}, {}, false, 0});
        begin = end;
    }
    for (Piece &piece : pieces) {
        // The others will join the first one.
        const qint64 end = &piece == &pieces.front() ? source.size : piece.end;
        piece.owned.reserve((end - piece.begin) / shortLine);
    }
    (void)inParallel(qsizetype(pieces.size()), [&]() -> ItemWork {
        return [&](qsizetype item) {
            read(pieces[size_t(item)], source);
            return Result<>();
        };
    });
    return pieces;
}

// --- the whole
// ----------------------------------------------------------------------------------------

Error unreadable(const QString &shown, int error)
{
    return Error::fromErrno(error,
                            Directory::tr("Could not read “%1”: %2.", "error message; %2: system")
                                .arg(shown, systemReply(error)));
}

Error anotherVersion(const QString &shown, const QByteArray &version)
{
    return {ErrorCode::Failed,
            Journal::tr("“%1” was written by another version of the installer (format %2, this one "
                        "knows %3): use that one.",
                        "error message")
                .arg(shown, QString::fromUtf8(version))
                .arg(Journal::majorVersion)};
}

Error tooNew(const QString &shown, QByteArrayView word)
{
    return {ErrorCode::Failed,
            Journal::tr("“%1” speaks of something that only a newer version of the installer knows "
                        "(“%2”): use that one.",
                        "error message; %2: a word")
                .arg(shown, QString::fromUtf8(word.first(qMin<qsizetype>(word.size(), 40))))};
}

Error senseless(const QString &shown, QByteArrayView line)
{
    return {ErrorCode::Failed,
            Journal::tr("Could not understand “%1”: its line “%2” makes no sense.", "error message")
                .arg(shown, QString::fromUtf8(line.first(qMin<qsizetype>(line.size(), 200))))};
}

Result<std::optional<Journal::Record>> recordFrom(const Source &source, const QString &shown)
{
    Journal::Record record;
    Lines lines(source, 0, source.size);
    const std::optional<QByteArrayView> first = lines.next();
    if (lines.error())
        return unreadable(shown, lines.error());
    const Fields header = first ? split(*first) : Fields();
    if (header.value(0) != "entracte")
        return std::optional<Journal::Record>();
    const QByteArray version = header.value(1).toByteArray();
    if (version.split('.').first().toInt() != Journal::majorVersion)
        return anotherVersion(shown, version);
    if (!readHeader(header, record.header))
        return std::optional<Journal::Record>();

    LineReader reader(record);
    QList<InstalledFiles::Item> owned;
    for (Piece &piece : piecesOf(source, lines.position())) {
        if (piece.error)
            return unreadable(shown, piece.error);
        for (const QByteArray &line : piece.others) {
            const Fields fields = split(line);
            if (!reader.read(fields))
                return fields.first().startsWith('!') ? tooNew(shown, fields.first())
                                                      : senseless(shown, line);
        }
        if (owned.isEmpty())
            owned = std::move(piece.owned);
        else
            owned.append(std::move(piece.owned));
        if (piece.isCut)
            break;
    }
    record.files = InstalledFiles::from(std::move(owned));
    return std::optional(std::move(record));
}

} // namespace

Result<std::optional<Journal::Record>> JournalReader::parse(QByteArrayView text,
                                                            const QString &shown)
{
    const auto copy = [text](qint64 position, char *to, qint64 most) {
        const QByteArrayView part = text.sliced(position, qMin(most, text.size() - position));
        std::copy(part.begin(), part.end(), to);
        return part.size();
    };
    return recordFrom({text.size(), copy}, shown);
}

Result<std::optional<Journal::Record>> JournalReader::read(const Directory &directory,
                                                           const QString &path)
{
    const Result<std::optional<InputFile>> file = directory.readFrom(path);
    if (!file)
        return file.error();
    if (!*file)
        return std::optional<Journal::Record>();
    return read(**file, directory.path() + u'/' + path);
}

Result<std::optional<Journal::Record>> JournalReader::read(const InputFile &file,
                                                           const QString &shown)
{
    const auto read = [&file](qint64 position, char *to, qint64 most) {
        return file.read(position, to, most);
    };
    return recordFrom({file.size(), read}, shown);
}

} // namespace Entracte
