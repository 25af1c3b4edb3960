// SPDX-License-Identifier: MIT
#include "transaction/journal.h"

#include "core/parallel.h"
#include "transaction/receiptfile.h"

#include <QThread>
#include <QVarLengthArray>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>
#include <zlib.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

using Fields = QVarLengthArray<QByteArrayView, 8>;

const auto stepWords = std::to_array<std::pair<FileStep::Kind, QByteArrayView>>({
    {FileStep::Kind::MakeDirectory, "make"},
    {FileStep::Kind::Swap, "swap"},
    {FileStep::Kind::Add, "add"},
    {FileStep::Kind::Drop, "drop"},
    {FileStep::Kind::Aside, "aside"},
    {FileStep::Kind::RemoveDirectory, "clear"},
    {FileStep::Kind::Draft, "draft"},
});

constexpr char hexDigits[] = "0123456789abcdef";

bool needsEscape(char c)
{
    return uchar(c) <= ' ' || c == '%' || c == '\x7f';
}

/// Blanks separate fields and line feeds lines; an empty field is a lone "%".
void appendField(QByteArray &line, const QByteArray &field)
{
    line += ' ';
    if (std::none_of(field.begin(), field.end(), needsEscape)) {
        line += field.isEmpty() ? QByteArray("%") : field;
        return;
    }
    for (const char c : field) {
        if (!needsEscape(c)) {
            line += c;
            continue;
        }
        line += '%';
        line += hexDigits[uchar(c) >> 4];
        line += hexDigits[uchar(c) & 15];
    }
}

void appendNumber(QByteArray &line, qint64 number, int base = 10)
{
    std::array<char, 24> digits;
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
    line.append(digits.data(), end - digits.data());
}

void appendField(QByteArray &line, const QString &field)
{
    const auto isPlain = [](QChar c) { return c > u' ' && c < u'\x7f' && c != u'%'; };
    if (field.isEmpty() || !std::all_of(field.begin(), field.end(), isPlain)) {
        appendField(line, field.toUtf8());
        return;
    }
    // Nearly all: without a string in between.
    const qsizetype start = line.size();
    line.resize(start + 1 + field.size());
    char *to = line.data() + start;
    *to++ = ' ';
    std::transform(field.begin(), field.end(), to, [](QChar c) { return char(c.unicode()); });
}

void appendDigest(QByteArray &line, QByteArrayView digest)
{
    const qsizetype start = line.size();
    line.resize(start + 2 * digest.size());
    char *to = line.data() + start;
    for (const char byte : digest) {
        *to++ = hexDigits[uchar(byte) >> 4];
        *to++ = hexDigits[uchar(byte) & 15];
    }
}

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// Empty if \a digits are not pairs of hexadecimal digits.
QByteArray bytesFrom(QByteArrayView digits)
{
    QByteArray bytes(digits.size() / 2, Qt::Uninitialized);
    for (qsizetype i = 0; i < bytes.size(); ++i) {
        const int high = hexValue(digits[2 * i]);
        const int low = hexValue(digits[2 * i + 1]);
        if (high < 0 || low < 0)
            return {};
        bytes[i] = char(high * 16 + low);
    }
    return bytes;
}

std::optional<QByteArray> unescaped(QByteArrayView field)
{
    if (field == "%")
        return QByteArray();
    if (!field.contains('%'))
        return field.toByteArray();
    QByteArray bytes;
    for (qsizetype i = 0; i < field.size(); ++i) {
        if (field[i] != '%') {
            bytes += field[i];
            continue;
        }
        const int high = i + 2 < field.size() ? hexValue(field[i + 1]) : -1;
        const int low = i + 2 < field.size() ? hexValue(field[i + 2]) : -1;
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes += char(high * 16 + low);
        i += 2;
    }
    return bytes;
}

std::optional<QString> text(QByteArrayView field)
{
    if (!field.contains('%')) // nearly all
        return QString::fromUtf8(field);
    const std::optional<QByteArray> bytes = unescaped(field);
    return bytes ? std::optional(QString::fromUtf8(*bytes)) : std::nullopt;
}

/// A journal decides what may be deleted, so a path in it must not leave the target.
std::optional<QString> pathInside(QByteArrayView field)
{
    std::optional<QString> path = text(field);
    if (!path || path->isEmpty() || path->contains(QChar(0)))
        return std::nullopt;
    for (qsizetype start = 0; start <= path->size();) {
        qsizetype end = path->indexOf(u'/', start);
        if (end < 0)
            end = path->size();
        const QStringView name = QStringView(*path).mid(start, end - start);
        if (name.isEmpty() || name == u"."_s || name == u".."_s)
            return std::nullopt;
        start = end + 1;
    }
    return path;
}

quint32 sumOf(QByteArrayView line)
{
    return quint32(::crc32_z(0, reinterpret_cast<const Bytef *>(line.data()), size_t(line.size())));
}

void endLine(QByteArray &lines, qsizetype start)
{
    const quint32 sum = sumOf(QByteArrayView(lines).sliced(start));
    std::array<char, 11> tail = {' ', '#'};
    for (int digit = 0; digit < 8; ++digit)
        tail[size_t(2 + digit)] = hexDigits[(sum >> (28 - 4 * digit)) & 15];
    tail.back() = '\n';
    lines.append(tail.data(), tail.size());
}

/// The line without its checksum; nullopt if that is wrong.
std::optional<QByteArrayView> checked(QByteArrayView line)
{
    constexpr qsizetype tail = 10; // " #" and eight digits
    if (line.size() < tail || line[line.size() - tail] != ' '
        || line[line.size() - tail + 1] != '#')
        return std::nullopt;
    const QByteArrayView body = line.chopped(tail);
    quint32 sum = 0;
    for (const char c : line.last(8)) {
        const int digit = hexValue(c);
        if (digit < 0)
            return std::nullopt;
        sum = sum << 4 | quint32(digit);
    }
    return sum == sumOf(body) ? std::optional(body) : std::nullopt;
}

Fields split(QByteArrayView line)
{
    Fields fields;
    for (qsizetype start = 0; start <= line.size();) {
        qsizetype end = line.indexOf(' ', start);
        if (end < 0)
            end = line.size();
        fields.append(line.sliced(start, end - start));
        start = end + 1;
    }
    return fields;
}

std::optional<qint64> number(QByteArrayView field, int base = 10)
{
    bool isNumber = false;
    const qint64 value = field.toLongLong(&isNumber, base);
    return isNumber ? std::optional(value) : std::nullopt;
}

std::optional<int> permissions(QByteArrayView field)
{
    const std::optional<qint64> mode = number(field, 8);
    return mode && *mode >= 0 && *mode <= 07777 ? std::optional(int(*mode)) : std::nullopt;
}

std::optional<InstalledFiles::Item> ownedFile(const Fields &fields)
{
    if (fields.size() < 6)
        return std::nullopt;
    const std::optional<int> mode = permissions(fields[1]);
    const std::optional<qint64> size = number(fields[2]);
    const std::optional<qint64> modified = number(fields[3]);
    std::optional<QString> path = pathInside(fields[5]);
    InstalledFile file;
    file.sha256 = bytesFrom(fields[4]);
    if (!mode || !size || *size < 0 || !modified || !path || file.sha256.size() != 32)
        return std::nullopt;
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

/// What a line says that the product owns; nullopt if it says something else, or makes no sense.
std::optional<InstalledFiles::Item> ownedIn(const Fields &fields)
{
    const QByteArrayView word = fields.first();
    if (word == "file")
        return ownedFile(fields);
    if (word == "dir")
        return ownedDirectory(fields);
    return word == "link" ? ownedLink(fields) : std::nullopt;
}

/// Reads one line after another into a record, but those that ownedIn() understands. False: the
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
        if (word == "file" || word == "dir" || word == "link")
            return false;
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

/// The whole lines of a part of a journal, without their checksums.
class Lines
{
public:
    Lines(QByteArrayView text, qsizetype begin, qsizetype end)
        : m_text(text)
        , m_at(begin)
        , m_end(end)
    {
    }

    /// nullopt at the end of the part, or where the journal ends.
    std::optional<QByteArrayView> next()
    {
        while (m_at < m_end && !m_isCut) {
            const qsizetype end = m_text.indexOf('\n', m_at);
            m_isCut = end < 0; // never finished
            if (m_isCut)
                break;
            const QByteArrayView line = m_text.sliced(m_at, end - m_at);
            m_at = end + 1;
            if (line.isEmpty())
                continue;
            if (const std::optional<QByteArrayView> body = checked(line))
                return body;
            // Torn by a crash, and somebody else went on after it; or the end.
            m_isCut = m_at >= m_text.size() || m_text[m_at] != '\n';
        }
        return std::nullopt;
    }

    qsizetype position() const { return m_at; }
    bool isCut() const { return m_isCut; } ///< what follows does not count

private:
    QByteArrayView m_text;
    qsizetype m_at;
    qsizetype m_end;
    bool m_isCut = false;
};

/// A part of a journal, as one of several threads has read it.
struct Piece
{
    qsizetype begin = 0;
    qsizetype end = 0;
    QList<InstalledFiles::Item> owned;
    std::vector<QByteArrayView> others; ///< lines that say something else
    bool isCut = false;                 ///< what follows does not count
};

void read(Piece &piece, QByteArrayView text)
{
    constexpr qsizetype shortLine = 96;
    piece.owned.reserve((piece.end - piece.begin) / shortLine);
    Lines lines(text, piece.begin, piece.end);
    while (const std::optional<QByteArrayView> line = lines.next()) {
        if (std::optional<InstalledFiles::Item> item = ownedIn(split(*line)))
            piece.owned.append(*std::move(item));
        else
            piece.others.push_back(*line);
    }
    piece.isCut = lines.isCut();
}

/// All from \a begin on, in order. Of a long journal nearly every line is one of the owned ones.
std::vector<Piece> piecesOf(QByteArrayView text, qsizetype begin)
{
    constexpr qsizetype smallest = 256 * 1024;
    const qsizetype pieceSize = qMax(smallest, text.size() / QThread::idealThreadCount());
    std::vector<Piece> pieces;
    while (begin < text.size()) {
        const qsizetype last = text.indexOf('\n', qMin(begin + pieceSize, text.size() - 1));
        const qsizetype end = last < 0 ? text.size() : last + 1;
        pieces.push_back({begin, end, {}, {}, false});
        begin = end;
    }
    (void)inParallel(qsizetype(pieces.size()), [&]() -> ItemWork {
        return [&](qsizetype item) {
            read(pieces[size_t(item)], text);
            return Result<>();
        };
    });
    return pieces;
}

} // namespace

Journal::Journal(OutputFile file)
    : m_file(std::move(file))
{
}

Result<Journal> Journal::create(Directory &directory, const QString &path, const Header &header)
{
    Result<OutputFile> file = directory.createFile(path, 0644);
    if (!file)
        return file.error();
    Journal journal(*std::move(file));
    QByteArray &lines = journal.m_lines;
    lines = "entracte " + QByteArray::number(majorVersion) + '.' + QByteArray::number(minorVersion);
    appendField(lines, header.transactionId);
    appendField(lines, header.productId);
    appendField(lines, header.version.toString());
    endLine(lines, 0);
    const auto place = [&lines](const char *word, const QString &where) {
        const qsizetype start = lines.size();
        lines += word;
        appendField(lines, where);
        endLine(lines, start);
    };
    place("target", header.targetDirectory);
    for (const QString &parent : header.createdParents)
        place("parent", parent);
    if (header.isRemoval) {
        const qsizetype start = lines.size();
        lines += "removal";
        endLine(lines, start);
    }
    if (const Result<> synced = journal.sync(); !synced)
        return synced.error();
    directory.syncNames(QString());
    return journal;
}

Result<Journal> Journal::resume(Directory &directory, const QString &path)
{
    Result<OutputFile> file = directory.appendTo(path);
    if (!file)
        return file.error();
    Journal journal(*std::move(file));
    journal.m_lines = "\n\n"; // ends what was torn, and says that somebody went on
    return journal;
}

Result<std::optional<Journal::Record>> Journal::read(const Directory &directory,
                                                     const QString &path)
{
    const Result<std::optional<QByteArray>> text = directory.read(path);
    if (!text)
        return text.error();
    if (!*text)
        return std::optional<Record>();
    return parse(**text, directory.path() + u'/' + path);
}

Result<std::optional<Journal::Record>> Journal::parse(const QByteArray &text, const QString &shown)
{
    Record record;
    Lines lines(text, 0, text.size());
    const std::optional<QByteArrayView> first = lines.next();
    const Fields header = first ? split(*first) : Fields();
    if (header.value(0) != "entracte")
        return std::optional<Record>();
    const QByteArray version = header.value(1).toByteArray();
    if (version.split('.').first().toInt() != majorVersion)
        return Error{ErrorCode::Failed,
                     tr("“%1” was written by another version of the installer (format %2, "
                        "this one knows %3): use that one.",
                        "error message")
                         .arg(shown, QString::fromUtf8(version))
                         .arg(majorVersion)};
    if (!readHeader(header, record.header))
        return std::optional<Record>();

    LineReader reader(record);
    QList<InstalledFiles::Item> owned;
    for (Piece &piece : piecesOf(text, lines.position())) {
        for (const QByteArrayView line : piece.others) {
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

Error Journal::tooNew(const QString &shown, QByteArrayView word)
{
    return {ErrorCode::Failed,
            tr("“%1” speaks of something that only a newer version of the installer knows (“%2”): "
               "use that one.",
               "error message; %2: a word")
                .arg(shown, QString::fromUtf8(word.first(qMin<qsizetype>(word.size(), 40))))};
}

Error Journal::senseless(const QString &shown, QByteArrayView line)
{
    return {ErrorCode::Failed,
            tr("Could not understand “%1”: its line “%2” makes no sense.", "error message")
                .arg(shown, QString::fromUtf8(line.first(qMin<qsizetype>(line.size(), 200))))};
}

void Journal::appendLine(QByteArray &lines, const QString &path, const InstalledFile &file)
{
    const qsizetype start = lines.size();
    switch (file.kind) {
    case EntryKind::Directory:
        appendNumber(lines += "dir ", file.mode, 8);
        break;
    case EntryKind::File:
        appendNumber(lines += "file ", file.mode, 8);
        appendNumber(lines += ' ', file.size);
        appendNumber(lines += ' ', file.modified);
        appendDigest(lines += ' ', file.sha256);
        break;
    case EntryKind::SymbolicLink:
        lines += "link";
        break;
    }
    appendField(lines, path);
    if (file.kind == EntryKind::SymbolicLink)
        appendField(lines, file.linkTarget);
    endLine(lines, start);
}

qsizetype Journal::longestLine(const QString &path, const InstalledFile &file)
{
    constexpr qsizetype numbers = 192;       // words, digest and checksum included
    constexpr qsizetype mostOfCharacter = 9; // three bytes, each escaped
    return numbers + mostOfCharacter * (path.size() + file.linkTarget.size());
}

void Journal::add(const FileStep &step)
{
    const qsizetype start = m_lines.size();
    for (const auto &[kind, word] : stepWords) {
        if (kind == step.kind)
            m_lines += word.toByteArray();
    }
    m_lines += ' ' + QByteArray::number(step.mode, 8) + ' ' + QByteArray::number(step.inode);
    appendField(m_lines, step.path);
    appendField(m_lines, step.other);
    endLine(m_lines, start);
}

void Journal::add(const Deferral &deferral)
{
    const auto line = [this](const QByteArray &word, const QStringList &fields) {
        const qsizetype start = m_lines.size();
        m_lines += word;
        for (const QString &field : fields)
            appendField(m_lines, field);
        endLine(m_lines, start);
    };
    for (auto it = deferral.seen.cbegin(); it != deferral.seen.cend(); ++it)
        line("was", {QString::number(it->size), QString::number(it->modified), it.key()});
    for (const QString &path : deferral.theirs)
        line("theirs", {path});
    for (auto it = deferral.backUps.cbegin(); it != deferral.backUps.cend(); ++it)
        line("backup", {it.key(), it.value()});
    line("!deferred", {deferral.base});
}

void Journal::add(Mark mark)
{
    const qsizetype start = m_lines.size();
    switch (mark) {
    case Mark::Staged:
        m_lines += "staged";
        break;
    case Mark::Swapping:
        m_lines += "swapping";
        break;
    case Mark::Undoing:
        m_lines += "undoing";
        break;
    case Mark::Committed:
        m_lines += "committed";
        break;
    }
    endLine(m_lines, start);
}

Result<> Journal::write()
{
    const Result<> written = m_lines.isEmpty() ? Result<>() : m_file.write(m_lines);
    m_lines.resize(0); // keeps its room for what comes next
    return written;
}

Result<> Journal::sync()
{
    const Result<> written = write();
    return written ? m_file.sync() : written;
}

} // namespace Entracte
