// SPDX-License-Identifier: MIT
#include "platform/linux/registration.h"

#include "client/registrationpath.h"
#include "client/restartregistration.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace Entracte {

static QByteArray readOwnedFile(const QString &fileName, uid_t owner)
{
    const Descriptor file(open(QFile::encodeName(fileName).constData(),
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status;
    if (!file.isValid() || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)
        || status.st_uid != owner || status.st_size > longestRegistration)
        return {};
    QFile reader;
    return reader.open(file.get(), QIODevice::ReadOnly) ? reader.read(longestRegistration)
                                                        : QByteArray();
}

std::optional<Registration> registrationOf(const UniqueProcess &process)
{
    const pid_t pid = pid_t(process.pid);
    const std::optional<uid_t> owner = ownerOf(pid);
    if (!owner)
        return std::nullopt;
    const QString runtimeDirectory =
        QFile::decodeName(environmentValue(environmentOf(pid), "XDG_RUNTIME_DIR"));
    const QString fileName = registrationFolder(runtimeDirectory, *owner) + u'/'
                           + registrationFileName(process.pid, process.startTime);

    const QJsonObject object = QJsonDocument::fromJson(readOwnedFile(fileName, *owner)).object();
    if (object.value("formatVersion"_L1).toInt() != 1)
        return std::nullopt;

    Registration registration;
    registration.name = plainText(object.value("name"_L1).toString());
    registration.icon = object.value("icon"_L1).toString();
    registration.flags = object.value("flags"_L1).toInt();
    if (object.value("asks"_L1).toBool())
        registration.socketPath = registrationFolder(runtimeDirectory, *owner) + u'/'
                                + registrationSocketName(process.pid, process.startTime);
    if (object.contains("arguments"_L1)) {
        registration.arguments.emplace();
        for (const QJsonValue &argument : object.value("arguments"_L1).toArray())
            registration.arguments->append(argument.toString());
    }
    return registration;
}

Restartability restartabilityOf(const Registration &registration)
{
    if (registration.flags & int(Client::RestartFlag::NoUpdate))
        return Restartability::Cannot;
    return registration.arguments ? Restartability::Registered : Restartability::Captured;
}

} // namespace Entracte
