// SPDX-License-Identifier: MIT
#include "platform/linux/identification/ubiquity.h"

#include <QFileInfo>
#include <QHash>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace Entracte {

/// /usr/lib, /usr/lib64, /usr/lib/x86_64-linux-gnu, and the same in / where they are no links.
static bool isSystemLibrary(const QString &path)
{
    static const QRegularExpression place(
        u"^(/usr)?/lib(32|64|x32)?(/[a-z0-9_]+-linux-[a-z0-9]+)?$"_s);
    return path.startsWith(u'/') && place.match(QFileInfo(path).canonicalPath()).hasMatch();
}

QSet<QString> ubiquitousFiles(const ProcessScan &scan,
                              const std::function<bool(const UniqueProcess &)> &isCritical)
{
    constexpr int fewest = 10; // of which a half may be called nearly everything
    struct Use
    {
        int holders = 0;
        bool isEssential = false;
    };
    QHash<QString, Use> uses;
    for (const FileHolder &holder : scan.holders) {
        for (const HeldFile &file : holder.files) {
            if (!file.kinds.testFlag(HoldKind::Mapped))
                continue;
            Use &use = uses[file.path];
            ++use.holders;
            if (!use.isEssential)
                use.isEssential = isCritical(holder.process);
        }
    }
    QSet<QString> found;
    for (auto use = uses.cbegin(); use != uses.cend(); ++use) {
        const bool isCommon = scan.inspected >= fewest && 2 * use->holders > scan.inspected;
        if ((use->isEssential || isCommon) && isSystemLibrary(use.key()))
            found.insert(use.key());
    }
    return found;
}

} // namespace Entracte
