// SPDX-License-Identifier: MIT
#include "transaction/journalline.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <charconv>

namespace Entracte::JournalLine {

namespace {

constexpr char hexDigits[] = "0123456789abcdef";

bool needsEscape(char c)
{
    return uchar(c) <= ' ' || c == '%' || c == '\x7f';
}

/// Blanks separate fields and line feeds lines; an empty field is a lone "%".
void appendEscaped(QByteArray &line, const QByteArray &field)
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

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
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

quint32 sumOf(QByteArrayView line)
{
    return crc32_gzip_refl(0, reinterpret_cast<const uchar *>(line.data()), quint64(line.size()));
}

} // namespace

void appendNumber(QByteArray &lines, qint64 number, int base)
{
    std::array<char, 24> digits;
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
    lines.append(digits.data(), end - digits.data());
}

void appendField(QByteArray &lines, const QString &field)
{
    const auto isPlain = [](QChar c) { return c > u' ' && c < u'\x7f' && c != u'%'; };
    if (field.isEmpty() || !std::all_of(field.begin(), field.end(), isPlain)) {
        appendEscaped(lines, field.toUtf8());
        return;
    }
    // Nearly all: without a string in between.
    const qsizetype start = lines.size();
    lines.resize(start + 1 + field.size());
    char *to = lines.data() + start;
    *to++ = ' ';
    std::transform(field.begin(), field.end(), to, [](QChar c) { return char(c.unicode()); });
}

void appendDigest(QByteArray &lines, QByteArrayView digest)
{
    const qsizetype start = lines.size();
    lines.resize(start + 2 * digest.size());
    char *to = lines.data() + start;
    for (const char byte : digest) {
        *to++ = hexDigits[uchar(byte) >> 4];
        *to++ = hexDigits[uchar(byte) & 15];
    }
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

std::optional<qint64> number(QByteArrayView field, int base)
{
    qint64 value = 0;
    const auto [end, error] = std::from_chars(field.begin(), field.end(), value, base);
    return error == std::errc() && end == field.end() ? std::optional(value) : std::nullopt;
}

std::optional<int> permissions(QByteArrayView field)
{
    const std::optional<qint64> mode = number(field, 8);
    return mode && *mode >= 0 && *mode <= 07777 ? std::optional(int(*mode)) : std::nullopt;
}

std::optional<QString> text(QByteArrayView field)
{
    if (!field.contains('%')) // nearly all
        return QString::fromUtf8(field);
    const std::optional<QByteArray> bytes = unescaped(field);
    return bytes ? std::optional(QString::fromUtf8(*bytes)) : std::nullopt;
}

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
        if (name.isEmpty() || name == u"." || name == u"..")
            return std::nullopt;
        start = end + 1;
    }
    return path;
}

} // namespace Entracte::JournalLine
