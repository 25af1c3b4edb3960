// SPDX-License-Identifier: MIT
#include "transaction/journal.h"

#include "transaction/journalline.h"

namespace Entracte {

using namespace JournalLine;

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
