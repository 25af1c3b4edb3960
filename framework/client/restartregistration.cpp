// SPDX-License-Identifier: MIT
#include "client/restartregistration.h"

#include "client/registrationpath.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte::Client {

static quint64 ownStartTime()
{
    QFile file(u"/proc/self/stat"_s);
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray stat = file.readAll();
    return stat.mid(stat.lastIndexOf(')') + 2).split(' ').value(19).toULongLong();
}

/// Makes \a folder, or accepts it if it is a real folder of ours that nobody else may enter.
static bool ensurePrivateFolder(const QString &folder)
{
    const QByteArray path = QFile::encodeName(folder);
    mkdir(path.constData(), 0700);
    struct stat status;
    return lstat(path.constData(), &status) == 0 && S_ISDIR(status.st_mode)
        && status.st_uid == geteuid() && (status.st_mode & 077) == 0;
}

RestartRegistration::~RestartRegistration()
{
    if (!m_fileName.isEmpty())
        QFile::remove(m_fileName);
}

void RestartRegistration::setArguments(const QStringList &arguments)
{
    m_arguments = arguments;
    m_hasArguments = true;
}

bool RestartRegistration::publish()
{
    const QString folder = registrationFolder(qEnvironmentVariable("XDG_RUNTIME_DIR"), geteuid());
    if (!ensurePrivateFolder(folder.section(u'/', 0, -2)) || !ensurePrivateFolder(folder))
        return false;

    QJsonObject registration{{u"formatVersion"_s, 1}, {u"name"_s, m_name}, {u"icon"_s, m_icon}};
    if (m_hasArguments)
        registration.insert(u"arguments"_s, QJsonArray::fromStringList(m_arguments));

    QSaveFile file(folder + u'/' + registrationFileName(getpid(), ownStartTime()));
    if (!file.open(QIODevice::WriteOnly))
        return false;
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    file.write(QJsonDocument(registration).toJson(QJsonDocument::Compact));
    if (!file.commit())
        return false;
    m_fileName = file.fileName();
    return true;
}

} // namespace Entracte::Client
