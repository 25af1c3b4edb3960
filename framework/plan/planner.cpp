// SPDX-License-Identifier: MIT
#include "plan/planner.h"

#include "plan/besidename.h"
#include "plan/relativepath.h"

#include <QDir>

#include <algorithm>
#include <functional>
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
        , m_entries(plan.entries)
    {
    }

    Result<> takeEntries();
    void createDirectories();
    void placeOrKeepEntries();
    void removeWhatIsNoLongerOffered();
    void keepOrMergeEdited();
    Result<> checkMayReplace() const;

private:
    using Entries = std::vector<const PayloadEntry *>;

    int numberOf(const PayloadEntry *entry) const { return int(entry - m_entries.constData()); }
    Result<> uniteTwins();
    Entries::const_iterator firstFrom(QStringView path) const;
    const PayloadEntry *entryFor(QStringView path) const;
    Result<> checkParents(const PayloadEntry &entry, QStringView before) const;
    void saveIfEdited(const QString &path);
    QString freePath(const QString &path, QLatin1StringView tag);
    bool isTaken(const QString &path) const;
    bool isOurs(const QString &path) const;
    bool isFolder(const QString &path) const;

    const InstalledProduct &m_installed;
    InstallPlan &m_plan;
    const Manifest m_manifest;
    const QList<PayloadEntry> m_entries; ///< as they were offered
    Entries m_sorted;                    ///< so directories come before their contents
    QSet<QString> m_taken;               ///< names given by freePath()
};

static bool comesBefore(const PayloadEntry *one, const PayloadEntry *other)
{
    return one->path < other->path;
}

static bool promiseTheSame(const PayloadEntry &a, const PayloadEntry &b)
{
    return a.kind == EntryKind::Directory && b.kind == EntryKind::Directory;
}

Result<> PlanBuilder::takeEntries()
{
    m_sorted.reserve(size_t(m_entries.size()));
    for (const PayloadEntry &entry : m_entries)
        m_sorted.push_back(&entry);
    // What one archive brings comes sorted, each path once.
    if (std::adjacent_find(m_sorted.begin(), m_sorted.end(), std::not_fn(comesBefore))
        != m_sorted.end()) {
        std::stable_sort(m_sorted.begin(), m_sorted.end(), comesBefore);
        if (const Result<> united = uniteTwins(); !united)
            return united;
    }

    const bool isOneArchive =
        std::all_of(m_entries.cbegin(), m_entries.cend(), [this](const PayloadEntry &entry) {
            return entry.archive == m_entries.first().archive;
        });
    if (isOneArchive)
        return {}; // it has looked at its own places
    QStringView before;
    for (const PayloadEntry *entry : m_sorted) {
        if (const Result<> done = checkParents(*entry, before); !done)
            return done;
        before = entry->path;
    }
    return {};
}

/// Of folders that several archives bring, the first one counts.
Result<> PlanBuilder::uniteTwins()
{
    const PayloadEntry *known = nullptr;
    for (const PayloadEntry *&entry : m_sorted) {
        const bool isKnown = known && known->path == entry->path;
        if (isKnown && !promiseTheSame(*known, *entry))
            return Error{ErrorCode::BadPayload,
                         tr("“%1” and “%2” both bring the file “%3”.", "error message")
                             .arg(known->archive, entry->archive, entry->path)};
        known = entry;
        if (isKnown)
            entry = nullptr;
    }
    std::erase(m_sorted, nullptr);
    return {};
}

/// The first entry that does not come before \a path.
PlanBuilder::Entries::const_iterator PlanBuilder::firstFrom(QStringView path) const
{
    return std::lower_bound(
        m_sorted.cbegin(), m_sorted.cend(), path,
        [](const PayloadEntry *entry, QStringView other) { return entry->path < other; });
}

/// The entry for \a path, nullptr if there is none.
const PayloadEntry *PlanBuilder::entryFor(QStringView path) const
{
    const auto found = firstFrom(path);
    return found != m_sorted.cend() && (*found)->path == path ? *found : nullptr;
}

/// But for those that are above \a before too.
Result<> PlanBuilder::checkParents(const PayloadEntry &entry, QStringView before) const
{
    for (qsizetype slash = endOfNewFolder(entry.path, before); slash > 0;
         slash = entry.path.indexOf(u'/', slash + 1)) {
        const PayloadEntry *parent = entryFor(QStringView(entry.path).first(slash));
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
            m_plan.operations.append(CreateDirectory{numberOf(entry)});
}

void PlanBuilder::placeOrKeepEntries()
{
    for (const PayloadEntry *offered : m_sorted) {
        const PayloadEntry &entry = *offered;
        if (entry.kind == EntryKind::Directory)
            continue;
        const int number = numberOf(offered);
        if (m_installed.unchanged.contains(entry.path)) {
            if (const auto digest = m_installed.digests.constFind(entry.path);
                digest != m_installed.digests.cend())
                m_plan.entries[number].sha256 = *digest;
            m_plan.operations.append(KeepEntry{number});
            continue;
        }
        saveIfEdited(entry.path);
        m_plan.operations.append(PlaceEntry{number});
        m_plan.bytesToWrite += entry.size;
    }
}

void PlanBuilder::removeWhatIsNoLongerOffered()
{
    const InstalledFiles &owned = m_installed.receipt.files;
    if (m_plan.isRemoval)
        m_plan.formerPaths.reserve(owned.size());
    auto offered = m_sorted.cbegin();
    for (auto file = owned.cbegin(); file != owned.cend(); ++file) { // both are sorted
        int order = 1;
        while (offered != m_sorted.cend() && (order = (*offered)->path.compare(file.key())) < 0)
            ++offered;
        if (order == 0)
            continue;
        if (m_installed.edited.contains(file.key()) && !isFolder(file.key())
            && m_manifest.ruleForEdited(file.key()).policy != EditedFilePolicy::Replace)
            continue; // from now on it is its editor's
        m_plan.formerPaths.insert(file.key());
        if (file->kind == EntryKind::Directory || !m_installed.present.contains(file.key()))
            continue;
        saveIfEdited(file.key());
        m_plan.remove(file.key());
    }
}

/// Better said now than found out in the middle.
Result<> PlanBuilder::checkMayReplace() const
{
    const QStringList inTheWay =
        m_installed.immutable.isEmpty() ? QStringList() : m_plan.filesInTheWay();
    for (const QString &path : m_installed.immutable) {
        const QString file = m_plan.targetDirectory + u'/' + path;
        if (inTheWay.contains(file))
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
        m_plan.backUp(path, freePath(path, savedTag));
}

QString PlanBuilder::freePath(const QString &path, QLatin1StringView tag)
{
    QString candidate = besideName(path, tag, 1);
    for (int number = 2; entryFor(candidate) || m_taken.contains(candidate)
                         || (isTaken(candidate) && !(tag == newTag && isOurs(candidate)));
         ++number)
        candidate = besideName(path, tag, number);
    m_taken.insert(candidate);
    return candidate;
}

/// Whether anything stands at \a path, which is one of the product's or beside an edited one.
bool PlanBuilder::isTaken(const QString &path) const
{
    return m_installed.present.contains(path) || m_installed.besideEdited.contains(path);
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
    const auto next = firstFrom(inside);
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
    plan.entries = entries;

    PlanBuilder builder(installed, plan, manifest);
    if (const Result<> taken = builder.takeEntries(); !taken)
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
    plan.removed.reserve(installed.present.size());
    builder.removeWhatIsNoLongerOffered();
    if (const Result<> may = builder.checkMayReplace(); !may)
        return may.error();
    return plan;
}

} // namespace Entracte
