// SPDX-License-Identifier: MIT
#include "plan/planner.h"

#include <QDir>

#include <algorithm>
#include <vector>

namespace Entracte {

/// Builds one plan; every function adds its kind of operation.
class PlanBuilder
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Planner)

public:
    PlanBuilder(const InstalledProduct &installed, InstallPlan &plan)
        : m_installed(installed)
        , m_plan(plan)
    {
    }

    Result<> takeEntries(const QList<PayloadEntry> &entries);
    void createDirectories();
    void placeOrKeepEntries();
    void removeWhatIsNoLongerOffered();
    Result<> checkMayReplace() const;

private:
    Result<> checkParents(const PayloadEntry &entry) const;
    void saveIfEdited(const QString &path);
    void leaveTheWay(const QString &path);
    QString freeBackupPath(const QString &path) const;

    const InstalledProduct &m_installed;
    InstallPlan &m_plan;
    std::vector<const PayloadEntry *> m_sorted; ///< so directories come before their contents
    QHash<QString, const PayloadEntry *> m_entries;
    QSet<QString> m_backups;
};

static bool promiseTheSame(const PayloadEntry &a, const PayloadEntry &b)
{
    return a.kind == EntryKind::Directory && b.kind == EntryKind::Directory;
}

Result<> PlanBuilder::takeEntries(const QList<PayloadEntry> &entries)
{
    m_entries.reserve(entries.size());
    m_plan.ownedPaths.reserve(entries.size());
    for (const PayloadEntry &entry : entries) {
        const PayloadEntry *&known = m_entries[entry.path];
        if (known && !promiseTheSame(*known, entry))
            return Error{ErrorCode::BadPayload,
                         tr("“%1” and “%2” both bring the file “%3”.", "error message")
                             .arg(known->archive, entry.archive, entry.path)};
        if (!known)
            m_sorted.push_back(&entry);
        known = &entry;
        m_plan.ownedPaths.insert(entry.path);
    }
    const auto comesBefore = [](const PayloadEntry *one, const PayloadEntry *other) {
        return one->path < other->path;
    };
    if (!std::is_sorted(m_sorted.begin(), m_sorted.end(), comesBefore))
        std::sort(m_sorted.begin(), m_sorted.end(), comesBefore);
    QStringView checked;
    for (const PayloadEntry *entry : m_sorted) {
        const QStringView folder =
            QStringView(entry->path).left(qMax<qsizetype>(0, entry->path.lastIndexOf(u'/')));
        if (folder == checked)
            continue;
        if (const Result<> done = checkParents(*entry); !done)
            return done;
        checked = folder;
    }
    return {};
}

Result<> PlanBuilder::checkParents(const PayloadEntry &entry) const
{
    for (qsizetype slash = entry.path.indexOf(u'/'); slash > 0;
         slash = entry.path.indexOf(u'/', slash + 1)) {
        const PayloadEntry *parent = m_entries.value(entry.path.left(slash));
        if (parent && parent->kind != EntryKind::Directory)
            return Error{ErrorCode::BadPayload,
                         tr("“%1” needs the folder “%2”, but “%3” brings a file of that name.",
                            "error message")
                             .arg(entry.path, parent->path, parent->archive)};
    }
    return {};
}

void PlanBuilder::createDirectories()
{
    m_plan.operations.reserve(qsizetype(m_sorted.size()));
    for (const PayloadEntry *entry : m_sorted)
        if (entry->kind == EntryKind::Directory)
            m_plan.operations.append(CreateDirectory{entry->path, entry->mode});
}

void PlanBuilder::placeOrKeepEntries()
{
    for (const PayloadEntry *offered : m_sorted) {
        const PayloadEntry &entry = *offered;
        if (entry.kind == EntryKind::Directory)
            continue;
        if (m_installed.unchanged.contains(entry.path)) {
            PayloadEntry kept = entry;
            kept.sha256 = m_installed.digests.value(entry.path);
            m_plan.operations.append(KeepEntry{kept});
            continue;
        }
        saveIfEdited(entry.path);
        leaveTheWay(entry.path);
        m_plan.operations.append(PlaceEntry{entry});
        m_plan.bytesToWrite += entry.size;
    }
}

void PlanBuilder::removeWhatIsNoLongerOffered()
{
    const QMap<QString, InstalledFile> &owned = m_installed.receipt.files;
    for (auto file = owned.cbegin(); file != owned.cend(); ++file) {
        m_plan.ownedPaths.insert(file.key());
        if (m_entries.contains(file.key()) || file->kind == EntryKind::Directory
            || !m_installed.present.contains(file.key()))
            continue;
        saveIfEdited(file.key());
        leaveTheWay(file.key());
        m_plan.operations.append(RemoveEntry{file.key()});
    }
}

/// Better said now than found out in the middle.
Result<> PlanBuilder::checkMayReplace() const
{
    for (const QString &path : m_installed.immutable) {
        const QString file = m_plan.targetDirectory + u'/' + path;
        if (m_plan.filesInTheWay.contains(file))
            return Error{ErrorCode::PermissionDenied,
                         tr("Could not replace “%1”: it is protected against any change "
                            "(immutable).",
                            "error message")
                             .arg(file)};
    }
    return {};
}

void PlanBuilder::saveIfEdited(const QString &path)
{
    if (!m_installed.edited.contains(path))
        return;
    const QString backup = freeBackupPath(path);
    m_backups.insert(backup);
    m_plan.operations.append(BackUpFile{path, backup});
}

void PlanBuilder::leaveTheWay(const QString &path)
{
    if (m_installed.present.contains(path))
        m_plan.filesInTheWay.append(m_plan.targetDirectory + u'/' + path);
}

QString PlanBuilder::freeBackupPath(const QString &path) const
{
    QString candidate = path + QStringLiteral(".saved");
    for (int n = 2; m_entries.contains(candidate) || m_backups.contains(candidate)
                    || m_installed.present.contains(candidate)
                    || m_installed.receipt.files.contains(candidate);
         ++n)
        candidate = path + QStringLiteral(".saved-%1").arg(n);
    return candidate;
}

static Result<> checkVersion(const Manifest &manifest, const Selection &selection,
                             const InstalledProduct &installed)
{
    if (!installed.isInstalled || selection.allowDowngrade
        || manifest.product.version >= installed.receipt.version)
        return {};
    return Error{ErrorCode::DowngradeRefused,
                 Planner::tr("%1 %2 is installed, which is newer than version %3 offered here.",
                             "error message")
                     .arg(manifest.product.name, installed.receipt.version.toString(),
                          manifest.product.version.toString())};
}

Result<InstallPlan> Planner::plan(const Manifest &manifest, const Selection &selection,
                                  const InstalledProduct &installed,
                                  const QList<PayloadEntry> &entries)
{
    if (const Result<> allowed = checkVersion(manifest, selection, installed); !allowed)
        return allowed.error();

    InstallPlan plan;
    plan.productId = manifest.product.id;
    plan.productName = manifest.product.name;
    plan.version = manifest.product.version;
    plan.targetDirectory = QDir::cleanPath(
        selection.targetDirectory.isEmpty() ? manifest.targetDirectory : selection.targetDirectory);
    plan.isUpdate = installed.isInstalled;
    plan.seen = installed.present;

    PlanBuilder builder(installed, plan);
    if (const Result<> taken = builder.takeEntries(entries); !taken)
        return taken.error();
    builder.createDirectories();
    builder.placeOrKeepEntries();
    builder.removeWhatIsNoLongerOffered();
    if (const Result<> may = builder.checkMayReplace(); !may)
        return may.error();
    return plan;
}

Result<InstallPlan> Planner::planRemoval(const QString &targetDirectory,
                                         const InstalledProduct &installed)
{
    InstallPlan plan;
    plan.productId = installed.receipt.productId;
    plan.version = installed.receipt.version;
    plan.targetDirectory = QDir::cleanPath(targetDirectory);
    plan.isUpdate = true;
    plan.isRemoval = true;
    plan.seen = installed.present;
    PlanBuilder builder(installed, plan);
    builder.removeWhatIsNoLongerOffered();
    if (const Result<> may = builder.checkMayReplace(); !may)
        return may.error();
    return plan;
}

} // namespace Entracte
