// SPDX-License-Identifier: MIT
#include "platform/linux/identification/desktopentries.h"

#include "platform/linux/interpreter.h"
#include "platform/linux/process.h"
#include "platform/unix/descriptor.h"

#include <QDirIterator>
#include <QFile>
#include <QLocale>
#include <QSet>
#include <QStandardPaths>

#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

using Keys = QHash<QByteArray, QByteArray>;

constexpr std::size_t mostEntries = 10'000;
constexpr qint64 longestFile = 256 * 1024;

/// The first part of a regular file. Nothing else is opened for long: a pipe would wait for ever.
QByteArray beginningOf(const QString &fileName)
{
    const Descriptor descriptor(
        ::open(QFile::encodeName(fileName).constData(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat status;
    if (!descriptor.isValid() || fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return {};
    QFile file;
    return file.open(descriptor.get(), QIODevice::ReadOnly) ? file.read(longestFile) : QByteArray();
}

/// The keys of the [Desktop Entry] group.
Keys keysOf(const QString &fileName)
{
    Keys keys;
    bool inGroup = false;
    for (const QByteArray &each : beginningOf(fileName).split('\n')) {
        const QByteArray line = each.trimmed();
        if (line.startsWith('['))
            inGroup = line == "[Desktop Entry]";
        else if (const qsizetype equals = line.indexOf('='); inGroup && equals > 0)
            keys.insert(line.left(equals).trimmed(), line.mid(equals + 1).trimmed());
    }
    return keys;
}

QString localizedName(const Keys &keys)
{
    const QByteArray locale = QLocale().name().toUtf8();
    for (const QByteArray &language : {locale, locale.split('_').first()})
        if (const QByteArray name = keys.value("Name[" + language + ']'); !name.isEmpty())
            return plainText(QString::fromUtf8(name));
    return plainText(QString::fromUtf8(keys.value("Name")));
}

/// The words of an Exec= line. What is quoted may hold spaces; a backslash keeps what follows.
QList<QByteArray> wordsOf(const QByteArray &line)
{
    QList<QByteArray> words;
    QByteArray word;
    bool isQuoted = false;
    for (qsizetype i = 0; i < line.size(); ++i) {
        const char letter = line.at(i);
        if (letter == '"') {
            isQuoted = !isQuoted;
        } else if (letter == ' ' && !isQuoted) {
            if (!word.isEmpty())
                words.append(word);
            word.clear();
        } else {
            word.append(letter == '\\' && i + 1 < line.size() ? line.at(++i) : letter);
        }
    }
    if (!word.isEmpty())
        words.append(word);
    return words;
}

std::optional<FileIdentity> identityOf(const QByteArray &program)
{
    const QByteArray path =
        program.startsWith('/')
            ? program
            : QFile::encodeName(QStandardPaths::findExecutable(QFile::decodeName(program)));
    return path.isEmpty() ? std::nullopt : identityAt(AT_FDCWD, path.constData());
}

/// The file that an Exec= line is about: the program, or the script that an interpreter runs.
/// What starts others (flatpak run, env) says nothing of its own.
std::optional<FileIdentity> programOf(const QByteArray &exec)
{
    QList<QByteArray> words = wordsOf(exec);
    if (words.value(0) == "env" || words.value(0).endsWith("/env")) {
        words.removeFirst();
        while (!words.isEmpty() && words.first().contains('='))
            words.removeFirst();
    }
    if (words.isEmpty())
        return std::nullopt;
    const QString program = QFile::decodeName(words.first());
    static const QSet<QString> launchers{u"flatpak"_s, u"snap"_s, u"gtk-launch"_s,
                                         u"pkexec"_s,  u"sudo"_s, u"gapplication"_s};
    if (launchers.contains(program.mid(program.lastIndexOf(u'/') + 1)))
        return std::nullopt;
    if (!isInterpreter(program))
        return identityOf(words.first());
    const std::optional<Script> script = scriptOf(program, words);
    return script && script->path.startsWith('/') ? identityOf(script->path) : std::nullopt;
}

std::pair<quint64, quint64> keyOf(const FileIdentity &identity)
{
    return {identity.device, identity.inode};
}

bool hasField(const QByteArray &exec, const char *letters)
{
    for (const char *letter = letters; *letter; ++letter)
        if (exec.contains(QByteArray("%") + *letter))
            return true;
    return false;
}

} // namespace

QStringList DesktopEntries::standardFolders()
{
    QStringList folders = QStandardPaths::standardLocations(QStandardPaths::ApplicationsLocation);
    folders += {QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)
                    + u"/flatpak/exports/share/applications"_s,
                u"/var/lib/flatpak/exports/share/applications"_s,
                u"/var/lib/snapd/desktop/applications"_s};
    folders.removeDuplicates();
    return folders;
}

DesktopEntries::DesktopEntries(const QStringList &folders)
    : m_folders(folders)
{
    for (const QString &folder : folders)
        read(folder);
    // Those of the menus first, so that a hidden twin does not take their place.
    for (const bool isHidden : {false, true}) {
        for (qsizetype i = 0; i < qsizetype(m_entries.size()); ++i) {
            const QString windowClass = m_entries[std::size_t(i)].windowClass.toLower();
            if (m_entries[std::size_t(i)].isHidden == isHidden && !windowClass.isEmpty()
                && !m_byWindowClass.contains(windowClass))
                m_byWindowClass.insert(windowClass, i);
        }
    }
}

void DesktopEntries::read(const QString &folder)
{
    QStringList files;
    QDirIterator found(folder, {u"*.desktop"_s}, QDir::Files, QDirIterator::Subdirectories);
    while (found.hasNext() && files.size() + qsizetype(m_entries.size()) < qsizetype(mostEntries))
        files.append(found.next());
    files.sort();
    for (const QString &file : std::as_const(files)) {
        const QString id = file.mid(folder.size() + 1).chopped(8).replace(u'/', u'-');
        if (!m_byId.contains(id.toLower()))
            add(file, id);
    }
}

void DesktopEntries::add(const QString &file, const QString &id)
{
    const Keys keys = keysOf(file);
    if (keys.value("Hidden") == "true") {
        m_byId.insert(id.toLower(), -1);
        return;
    }
    if (keys.value("Type") != "Application" && keys.contains("Type"))
        return;
    DesktopEntry entry;
    entry.id = id;
    entry.name = localizedName(keys);
    entry.icon = QString::fromUtf8(keys.value("Icon").left(4096));
    entry.windowClass = QString::fromUtf8(keys.value("StartupWMClass").left(256));
    entry.isHidden = keys.value("NoDisplay") == "true";
    const QByteArray exec = keys.value("Exec");
    entry.takesDocuments = hasField(exec, "fFuU");

    const qsizetype place = qsizetype(m_entries.size());
    m_byId.insert(id.toLower(), place);
    if (const std::optional<FileIdentity> program = programOf(exec)) {
        const DesktopEntry *known = at(m_byProgram.value(keyOf(*program), -1));
        if (!known || (known->isHidden && !entry.isHidden))
            m_byProgram.insert(keyOf(*program), place);
    }
    m_entries.push_back(std::move(entry));
}

const DesktopEntry *DesktopEntries::at(qsizetype place) const
{
    return place < 0 ? nullptr : &m_entries[std::size_t(place)];
}

const DesktopEntry *DesktopEntries::byId(const QString &id) const
{
    return id.isEmpty() ? nullptr : at(m_byId.value(id.toLower(), -1));
}

const DesktopEntry *DesktopEntries::byWindowClass(const QString &windowClass) const
{
    if (windowClass.isEmpty())
        return nullptr;
    const DesktopEntry *saysSo = at(m_byWindowClass.value(windowClass.toLower(), -1));
    return saysSo ? saysSo : byId(windowClass);
}

const DesktopEntry *DesktopEntries::byProgram(const FileIdentity &program) const
{
    return at(m_byProgram.value(keyOf(program), -1));
}

const DesktopEntry *DesktopEntries::byFile(const QString &file) const
{
    for (const QString &folder : m_folders)
        if (file.startsWith(folder + u'/') && file.endsWith(u".desktop"))
            return byId(file.mid(folder.size() + 1).chopped(8).replace(u'/', u'-'));
    return nullptr;
}

} // namespace Entracte
