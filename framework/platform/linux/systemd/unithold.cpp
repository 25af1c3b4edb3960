// SPDX-License-Identifier: MIT
#include "platform/linux/systemd/unithold.h"

#include <QDir>
#include <QSaveFile>

#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

static constexpr auto fileName = "entracte-hold.conf"_L1;

UnitHold::UnitHold(const QString &folder)
    : m_folder(folder)
    , m_sign(open("/dev/null", O_PATH | O_CLOEXEC))
{
}

UnitHold::~UnitHold()
{
    const QSet<QString> units = m_units;
    for (const QString &unit : units)
        remove(unit);
}

QString UnitHold::folderOf(const QString &unit) const
{
    return u"%1/%2.d"_s.arg(m_folder, unit);
}

Result<> UnitHold::add(const QString &unit)
{
    const QByteArray text = "[Unit]\nAssertPathExists=!/proc/" + QByteArray::number(getpid())
                          + "/fd/" + QByteArray::number(m_sign.get()) + '\n';
    const QString folder = folderOf(unit);
    QDir().mkpath(folder);
    QSaveFile file(folder + u'/' + fileName);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
        return Error{ErrorCode::PermissionDenied,
                     tr("The service %1 cannot be kept from starting: %2.",
                        "outcome; %2 is the system's answer")
                         .arg(unit, file.errorString())};
    m_units.insert(unit);
    return {};
}

void UnitHold::remove(const QString &unit)
{
    m_units.remove(unit);
    const QString folder = folderOf(unit);
    QFile::remove(folder + u'/' + fileName);
    QDir().rmdir(folder); // stays if there is something else in it
}

} // namespace Entracte
