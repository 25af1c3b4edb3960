// SPDX-License-Identifier: MIT
#include "transaction/journal.h"

#include "transaction/receiptfile.h"

#include <QFile>
#include <QVarLengthArray>

#include <algorithm>
#include <array>
#include <charconv>
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
    appendField(line, field.toUtf8());
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
    lines += " #";
    for (int shift = 28; shift >= 0; shift -= 4)
        lines += hexDigits[(sum >> shift) & 15];
    lines += '\n';
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

/// Reads one line after another into a record. False: the line makes no sense.
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
        if (word == "file")
            return readFile(fields);
        if (word == "dir")
            return readDirectory(fields);
        if (word == "link")
            return readLink(fields);
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

    bool readFile(const Fields &fields)
    {
        if (fields.size() < 6)
            return false;
        const std::optional<int> mode = permissions(fields[1]);
        const std::optional<qint64> size = number(fields[2]);
        const std::optional<qint64> modified = number(fields[3]);
        const std::optional<QString> path = pathInside(fields[5]);
        InstalledFile file;
        file.sha256 = bytesFrom(fields[4]);
        if (!mode || !size || *size < 0 || !modified || !path || file.sha256.size() != 32)
            return false;
        file.mode = *mode;
        file.size = *size;
        file.modified = *modified;
        insert(*path, file);
        return true;
    }

    bool readDirectory(const Fields &fields)
    {
        if (fields.size() < 3)
            return false;
        const std::optional<int> mode = permissions(fields[1]);
        const std::optional<QString> path = pathInside(fields[2]);
        if (!mode || !path)
            return false;
        InstalledFile directory;
        directory.kind = EntryKind::Directory;
        directory.mode = *mode;
        insert(*path, directory);
        return true;
    }

    bool readLink(const Fields &fields)
    {
        if (fields.size() < 3)
            return false;
        const std::optional<QString> path = pathInside(fields[1]);
        const std::optional<QString> target = text(fields[2]);
        if (!path || !target)
            return false;
        InstalledFile link;
        link.kind = EntryKind::SymbolicLink;
        link.mode = 0777;
        link.linkTarget = *target;
        insert(*path, link);
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

    /// Lines come sorted: the end is the place.
    void insert(const QString &path, const InstalledFile &file)
    {
        m_record.files.insert(m_record.files.cend(), path, file);
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
    LineReader reader(record);
    bool hasHeader = false;
    const QByteArrayView all(text);
    for (qsizetype start = 0; start < all.size();) {
        const qsizetype end = all.indexOf('\n', start);
        if (end < 0)
            break; // never finished
        const QByteArrayView line = all.sliced(start, end - start);
        start = end + 1;
        if (line.isEmpty())
            continue;
        const std::optional<QByteArrayView> body = checked(line);
        if (!body) {
            // Torn by a crash, and somebody else went on after it; or the end.
            if (start < all.size() && all[start] == '\n')
                continue;
            break;
        }
        const Fields fields = split(*body);
        if (!hasHeader) {
            if (fields.first() != "entracte")
                break;
            const QByteArray version = fields.value(1).toByteArray();
            if (version.split('.').first().toInt() != majorVersion)
                return Error{ErrorCode::Failed,
                             tr("“%1” was written by another version of the installer (format %2, "
                                "this one knows %3): use that one.",
                                "error message")
                                 .arg(shown, QString::fromUtf8(version))
                                 .arg(majorVersion)};
            hasHeader = readHeader(fields, record.header);
            if (!hasHeader)
                break;
        } else if (!reader.read(fields)) {
            if (fields.first().startsWith('!'))
                return Error{ErrorCode::Failed,
                             tr("“%1” speaks of something that only a newer version of the "
                                "installer knows (“%2”): use that one.",
                                "error message; %2: a word")
                                 .arg(shown, QString::fromUtf8(fields.first().first(
                                                 qMin<qsizetype>(fields.first().size(), 40))))};
            return Error{
                ErrorCode::Failed,
                tr("Could not understand “%1”: its line “%2” makes no sense.", "error message")
                    .arg(shown,
                         QString::fromUtf8(body->first(qMin<qsizetype>(body->size(), 200))))};
        }
    }
    if (!hasHeader)
        return std::optional<Record>();
    return std::optional(std::move(record));
}

QByteArray Journal::lineFor(const QString &path, const InstalledFile &file)
{
    QByteArray line;
    line.reserve(2 * path.size() + 128);
    switch (file.kind) {
    case EntryKind::Directory:
        line = "dir " + QByteArray::number(file.mode, 8);
        break;
    case EntryKind::File:
        line += "file ";
        appendNumber(line, file.mode, 8);
        appendNumber(line += ' ', file.size);
        appendNumber(line += ' ', file.modified);
        line += ' ';
        for (const char byte : file.sha256) {
            const char digits[] = {hexDigits[uchar(byte) >> 4], hexDigits[uchar(byte) & 15]};
            line.append(digits, sizeof digits);
        }
        break;
    case EntryKind::SymbolicLink:
        line = "link";
        break;
    }
    appendField(line, path);
    if (file.kind == EntryKind::SymbolicLink)
        appendField(line, file.linkTarget);
    endLine(line, 0);
    return line;
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
