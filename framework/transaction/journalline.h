// SPDX-License-Identifier: MIT
#pragma once

#include "transaction/journal.h"

#include <QByteArray>
#include <QString>
#include <QVarLengthArray>

#include <array>
#include <optional>
#include <utility>

namespace Entracte {

/// One line of a journal: a word and fields, with blanks between them, and a checksum. What a
/// Journal writes and a JournalReader reads is made and taken apart here.
namespace JournalLine {

/// The words that announce steps.
inline constexpr auto stepWords = std::to_array<std::pair<FileStep::Kind, QByteArrayView>>({
    {FileStep::Kind::MakeDirectory, "make"},
    {FileStep::Kind::Swap, "swap"},
    {FileStep::Kind::Add, "add"},
    {FileStep::Kind::Drop, "drop"},
    {FileStep::Kind::Aside, "aside"},
    {FileStep::Kind::RemoveDirectory, "clear"},
    {FileStep::Kind::Draft, "draft"},
});

// --- making: of a line that begins at some place in a text -------------------------------------

/// A blank and \a field, so that it can hold blanks and line feeds, and can be empty.
void appendField(QByteArray &lines, const QString &field);
void appendNumber(QByteArray &lines, qint64 number, int base = 10);
void appendDigest(QByteArray &lines, QByteArrayView digest); ///< in hexadecimal digits

/// Ends the line that begins at \a start with its checksum.
void endLine(QByteArray &lines, qsizetype start);

// --- taking apart: nullopt is what makes no sense ------------------------------------------------

/// \a line, which comes without its line feed, without its checksum; nullopt if that is wrong.
std::optional<QByteArrayView> checked(QByteArrayView line);

using Fields = QVarLengthArray<QByteArrayView, 8>;
Fields split(QByteArrayView line);

std::optional<QString> text(QByteArrayView field);
std::optional<qint64> number(QByteArrayView field, int base = 10);
std::optional<int> permissions(QByteArrayView field);

/// A journal decides what may be deleted, so a path in it must not leave the target.
std::optional<QString> pathInside(QByteArrayView field);

} // namespace JournalLine

} // namespace Entracte
