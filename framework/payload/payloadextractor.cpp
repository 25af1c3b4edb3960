// SPDX-License-Identifier: MIT
#include "payload/payloadextractor.h"

#include "core/parallel.h"
#include "core/sha256.h"
#include "core/workerjob.h"
#include "payload/cancellation.h"
#include "payload/mergeprogram.h"
#include "payload/namecollisions.h"
#include "payload/payloadarchive.h"

#include <QHash>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace Entracte {

namespace {

using Archives = QList<std::shared_ptr<const PayloadArchive>>;
using MergedFiles = QHash<QString, MergeProgram::Merged>; ///< by path

constexpr qint64 bigEntry = 4 * 1024 * 1024; // begun early, so that none is left for the end
constexpr qint64 batchBytes = 1024 * 1024;   // of small entries, which a worker takes together
constexpr size_t batchEntries = 64;

/// One run through a plan: hands what is to be placed to the workers.
class Staging
{
public:
    Staging(const InstallPlan &plan, const Archives &archives, const MergedFiles &merged,
            Transaction &transaction, WorkerJob::Context &context,
            EntryReader::Verification verification)
        : m_merged(merged)
        , m_transaction(transaction)
        , m_context(context)
        , m_verification(verification)
    {
        for (const std::shared_ptr<const PayloadArchive> &archive : archives)
            m_archives.insert(archive->fileName(), archive.get());
        takeTasks(plan);
        makeBatches();
    }

    Result<> run()
    {
        const Result<> done =
            inParallel(qsizetype(m_batches.size()), [this] { return makeWorker(); });
        return done ? m_transaction.finishStaging() : done;
    }

private:
    struct Task
    {
        const PayloadEntry *entry = nullptr;
        const PayloadArchive *archive = nullptr;
    };
    using Batch = std::span<const Task>;

    static bool beginsBefore(const Task &one, const Task &other);
    void takeTasks(const InstallPlan &plan);
    void makeBatches();
    ItemWork makeWorker();
    static void expect(Batch batch, EntryReader &reader);
    Result<> place(const Task &task, Transaction::Stager &stager, EntryReader &reader) const;

    const MergedFiles &m_merged;
    Transaction &m_transaction;
    WorkerJob::Context &m_context;
    EntryReader::Verification m_verification;
    QHash<QString, const PayloadArchive *> m_archives;
    std::vector<Task> m_tasks;
    std::vector<Batch> m_batches;
};

/// What is big, the largest first; what is small, as it comes in the archives.
bool Staging::beginsBefore(const Task &one, const Task &other)
{
    const bool isBig = one.entry->size >= bigEntry;
    if (isBig != (other.entry->size >= bigEntry))
        return isBig;
    if (isBig && one.entry->size != other.entry->size)
        return one.entry->size > other.entry->size;
    return std::pair(one.archive, one.entry->offset)
         < std::pair(other.archive, other.entry->offset);
}

void Staging::takeTasks(const InstallPlan &plan)
{
    m_tasks.reserve(size_t(plan.operations.size()));
    const PayloadArchive *archive = nullptr; // mostly there is one
    qint64 total = 0;
    for (const Operation &operation : plan.operations) {
        if (const auto *placed = std::get_if<PlaceEntry>(&operation);
            placed && plan.of(*placed).kind == EntryKind::File) {
            const PayloadEntry &entry = plan.of(*placed);
            if (!archive || archive->fileName() != entry.archive)
                archive = m_archives.value(entry.archive);
            Q_ASSERT(archive);
            m_tasks.push_back({&entry, archive});
            total += entry.size;
        }
    }
    std::sort(m_tasks.begin(), m_tasks.end(), beginsBefore);
    m_context.expect(total);
}

void Staging::makeBatches()
{
    for (size_t begin = 0, end = 0; begin < m_tasks.size(); begin = end) {
        qint64 bytes = 0;
        while (end < m_tasks.size() && end - begin < batchEntries && bytes < batchBytes) {
            bytes += m_tasks[end++].entry->size;
        }
        m_batches.emplace_back(m_tasks.data() + begin, end - begin);
    }
}

ItemWork Staging::makeWorker()
{
    const std::shared_ptr<Transaction::Stager> stager = m_transaction.stager();
    const auto reader = std::make_shared<EntryReader>(m_verification);
    return [this, stager, reader](qsizetype item) -> Result<> {
        const Batch &batch = m_batches[size_t(item)];
        expect(batch, *reader);
        for (const Task &task : batch) {
            if (m_context.isCancelled())
                return Cancellation::error();
            if (const Result<> done = place(task, *stager, *reader); !done)
                return done;
        }
        return {};
    };
}

/// What lies close together is read in one go.
void Staging::expect(Batch batch, EntryReader &reader)
{
    constexpr qint64 headerSize = 256; // with name and extra fields, about
    const Task &first = batch.front();
    const Task &last = batch.back();
    if (first.archive != last.archive)
        return;
    qint64 bytes = 0;
    for (const Task &task : batch)
        bytes += task.entry->compressedSize + headerSize;
    const qint64 begin = first.entry->offset;
    const qint64 end = last.archive->endOfEntryAt(last.entry->offset);
    if (end - begin <= 2 * bytes)
        reader.expect(*first.archive, begin, end);
}

Result<> Staging::place(const Task &task, Transaction::Stager &stager, EntryReader &reader) const
{
    const PayloadEntry &entry = *task.entry;
    if (const Result<> begun = stager.begin(entry); !begun)
        return begun;
    if (const auto merged = m_merged.constFind(entry.path); merged != m_merged.cend()) {
        m_context.advance(entry.size);
        const Result<> written = stager.write(merged->content);
        return written ? stager.end(merged->offeredSha256) : written;
    }
    const Result<> read = reader.read(*task.archive, entry, [&](QByteArrayView block) -> Result<> {
        if (m_context.isCancelled())
            return Cancellation::error();
        m_context.advance(block.size());
        return stager.write(block);
    });
    if (!read)
        return read;
    const bool hasDigest = m_verification == EntryReader::Verification::CrcAndSha256;
    return stager.end(hasDigest ? reader.sha256() : QByteArray(Sha256::size, '\0'));
}

/// Tries the merges of \a plan. What one brings is in \a merged; where one fails, the plan keeps
/// the edited file, and \a notes say why.
Result<> tryMerges(InstallPlan &plan, const Archives &archives, const Clock &clock,
                   const WorkerJob::Context &context, MergedFiles &merged, QStringList &notes)
{
    if (plan.merges.isEmpty())
        return {};
    const Result<Directory> target = Directory::open(plan.targetDirectory);
    if (!target)
        return target.error();
    for (const Merge &merge : std::exchange(plan.merges, {})) {
        const QString &path = merge.offered.path;
        const auto archive = std::find_if(archives.cbegin(), archives.cend(), [&](const auto &one) {
            return one->fileName() == merge.offered.archive;
        });
        Q_ASSERT(archive != archives.cend());
        const Result<MergeProgram::Merged> made =
            MergeProgram::run(merge, **archive, *target, clock, context);
        if (made) {
            merged.insert(path, *made);
            plan.edited.insert(path, path);
        } else if (made.error().code == ErrorCode::Cancelled) {
            return made.error();
        } else {
            plan.keepEdited(path, merge.besidePath);
            notes.append(PayloadExtractor::tr("The edited file “%1” was not merged with the new "
                                              "one: %2",
                                              "log; %2: a sentence")
                             .arg(path, made.error().message));
        }
    }
    return {};
}

/// The file system of the target may take for one what the payloads have as two.
Result<> checkNames(const Archives &archives, Transaction &transaction)
{
    const Result<NameFolding> folding = transaction.nameFolding();
    if (!folding)
        return folding.error();
    if (*folding == NameFolding())
        return {};
    QList<PayloadEntry> entries;
    for (const std::shared_ptr<const PayloadArchive> &archive : archives)
        entries.append(archive->entries());
    return NameCollisions::check(entries, *folding);
}

} // namespace

struct PayloadExtractor::Private
{
    /// What the worker leaves for the owner's thread, which looks only when the worker is done.
    struct Outcome
    {
        InstallPlan plan;
        QStringList notes;
        std::shared_ptr<Transaction> transaction;
    };

    InstallPlan plan;
    Archives archives;
    std::shared_ptr<const Clock> clock;
    Measuring measuring;
    std::unique_ptr<WorkerJob> worker;
    std::shared_ptr<Transaction> transaction;
    bool isPaused = false;
    bool isCancelled = false;
};

PayloadExtractor::PayloadExtractor(const InstallPlan &plan, const Archives &archives,
                                   std::shared_ptr<const Clock> clock, QObject *parent)
    : Job(parent)
    , d(std::make_unique<Private>())
{
    d->plan = plan;
    d->archives = archives;
    d->clock = std::move(clock);
}

PayloadExtractor::~PayloadExtractor() = default;

void PayloadExtractor::setMeasuring(Measuring measuring)
{
    d->measuring = measuring;
}

bool PayloadExtractor::isPaused() const
{
    return d->isPaused;
}

const InstallPlan &PayloadExtractor::plan() const
{
    return d->plan;
}

std::shared_ptr<Transaction> PayloadExtractor::transaction() const
{
    return d->transaction;
}

void PayloadExtractor::resume()
{
    if (!d->isPaused)
        return;
    d->isPaused = false;
    finish({});
}

void PayloadExtractor::doStart()
{
    const auto outcome = std::make_shared<Private::Outcome>();
    outcome->plan = d->plan;
    const auto stage = [archives = d->archives, clock = d->clock, measuring = d->measuring,
                        outcome](WorkerJob::Context &context) -> Result<> {
        InstallPlan &plan = outcome->plan;
        MergedFiles merged;
        if (const Result<> tried =
                tryMerges(plan, archives, *clock, context, merged, outcome->notes);
            !tried)
            return tried;
        Result<std::unique_ptr<Transaction>> begun =
            Transaction::begin(plan, measuring.durability, [&context] {
                return context.isCancelled() ? Result<>(Cancellation::error()) : Result<>();
            });
        if (!begun)
            return begun.error();
        std::unique_ptr<Transaction> transaction = *std::move(begun);
        Result<> staged = checkNames(archives, *transaction);
        if (staged)
            staged = Staging(plan, archives, merged, *transaction, context, measuring.verification)
                         .run();
        if (!staged) {
            const Result<> undone = transaction->rollBack();
            return undone ? staged : undone;
        }
        outcome->transaction = std::move(transaction);
        return {};
    };

    d->worker = std::make_unique<WorkerJob>(stage);
    connect(d->worker.get(), &Job::progressChanged, this, &Job::progressChanged);
    connect(d->worker.get(), &Job::finished, this, [this, outcome](const Result<> &result) {
        if (!result) {
            finish(result);
            return;
        }
        d->plan = outcome->plan;
        for (const QString &note : std::as_const(outcome->notes))
            emit noted(note);
        d->transaction = std::move(outcome->transaction);
        d->isPaused = true;
        if (d->isCancelled)
            doCancel();
        else
            emit paused();
    });
    d->worker->start();
}

void PayloadExtractor::doCancel()
{
    d->isCancelled = true;
    if (!d->isPaused) {
        if (d->worker)
            d->worker->cancel();
        return;
    }

    d->isPaused = false;
    const auto undo = [transaction = std::exchange(d->transaction, nullptr)](
                          WorkerJob::Context &) -> Result<> { return transaction->rollBack(); };
    // The finished worker may be what called us: it goes later.
    d->worker.release()->deleteLater();
    d->worker = std::make_unique<WorkerJob>(undo);
    connect(d->worker.get(), &Job::finished, this,
            [this](const Result<> &undone) { finish(undone ? Cancellation::error() : undone); });
    d->worker->start();
}

} // namespace Entracte

#include "moc_payloadextractor.cpp"
