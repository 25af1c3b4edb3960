// SPDX-License-Identifier: MIT
#include "plan/planner.h"

#include "plan/besidename.h"
#include "plan/relativepath.h"

#include <QDir>

#include <algorithm>
#include <vector>

namespace Entracte {

/// Builds one plan; every function adds its kind of operation.
class PlanBuilder
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Planner)

public:
    PlanBuilder(const InstalledProduct &installed, InstallPlan &plan, const Manifest &manifest = {})
        : m_installed(installed)
        , m_plan(plan)
        , m_manifest(manifest)
    {
    }

    Result<> takeEntries(const QList<PayloadEntry> &entries);
    void createDirectories();
    void placeOrKeepEntries();
    void removeWhatIsNoLongerOffered();
    void keepOrMergeEdited();
    Result<> checkMayReplace() const;

private:
    Result<> checkParents(const PayloadEntry &entry) const;
    void saveIfEdited(const QString &path);
    void leaveTheWay(const QString &path);
    QString freePath(const QString &path, QLatin1StringView tag);
    bool isOurs(const QString &path) const;
    bool isFolder(const QString &path) const;

    const InstalledProduct &m_installed;
    InstallPlan &m_plan;
    const Manifest m_manifest;
    std::vector<const PayloadEntry *> m_sorted; ///< so directories come before their contents
    QHash<QString, const PayloadEntry *> m_entries;
    QSet<QString> m_taken; ///< names given by freePath()
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
        const QStringView folder = parentView(entry->path);
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
            m_plan.operations.append(KeepEntry{std::move(kept)});
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
    m_plan.ownedPaths.reserve(qMax(owned.size(), m_entries.size()));
    for (auto file = owned.cbegin(); file != owned.cend(); ++file) {
        if (m_entries.contains(file.key()))
            continue;
        if (!isFolder(file.key()) && m_installed.edited.contains(file.key())
            && m_manifest.ruleForEdited(file.key()).policy != EditedFilePolicy::Replace)
            continue; // from now on it is its editor's
        m_plan.ownedPaths.insert(file.key());
        if (file->kind == EntryKind::Directory || !m_installed.present.contains(file.key()))
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

void PlanBuilder::keepOrMergeEdited()
{
    for (const PayloadEntry *offered : m_sorted) {
        const PayloadEntry &entry = *offered;
        if (entry.kind == EntryKind::Directory || !m_installed.edited.contains(entry.path))
            continue;
        const EditedFilesRule rule = m_manifest.ruleForEdited(entry.path);
        if (rule.policy == EditedFilePolicy::Replace)
            continue;
        const QString besidePath = freePath(entry.path, newTag);
        if (rule.policy == EditedFilePolicy::Keep)
            m_plan.keepEdited(entry.path, besidePath);
        else
            m_plan.merges.append({entry, rule.program, besidePath});
    }
}

void PlanBuilder::saveIfEdited(const QString &path)
{
    if (m_installed.edited.contains(path))
        m_plan.operations.append(BackUpFile{path, freePath(path, savedTag)});
}

void PlanBuilder::leaveTheWay(const QString &path)
{
    if (m_installed.present.contains(path))
        m_plan.filesInTheWay.append(m_plan.targetDirectory + u'/' + path);
}

QString PlanBuilder::freePath(const QString &path, QLatin1StringView tag)
{
    QString candidate = besideName(path, tag, 1);
    for (int number = 2;
         m_entries.contains(candidate) || m_taken.contains(candidate)
         || (m_installed.present.contains(candidate) && !(tag == newTag && isOurs(candidate)));
         ++number)
        candidate = besideName(path, tag, number);
    m_taken.insert(candidate);
    return candidate;
}

/// Whether what stands at \a path is what the installed version put there.
bool PlanBuilder::isOurs(const QString &path) const
{
    return m_installed.receipt.files.contains(path) && !m_installed.edited.contains(path);
}

/// Whether an entry needs \a path to be a folder.
bool PlanBuilder::isFolder(const QString &path) const
{
    const QString inside = path + u'/';
    const auto next = std::lower_bound(
        m_sorted.cbegin(), m_sorted.cend(), inside,
        [](const PayloadEntry *entry, const QString &other) { return entry->path < other; });
    return next != m_sorted.cend() && (*next)->path.startsWith(inside);
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

    PlanBuilder builder(installed, plan, manifest);
    if (const Result<> taken = builder.takeEntries(entries); !taken)
        return taken.error();
    builder.createDirectories();
    builder.placeOrKeepEntries();
    builder.removeWhatIsNoLongerOffered();
    builder.keepOrMergeEdited();
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
    plan.operations.reserve(installed.present.size());
    builder.removeWhatIsNoLongerOffered();
    if (const Result<> may = builder.checkMayReplace(); !may)
        return may.error();
    return plan;
}

} // namespace Entracte
