// SPDX-License-Identifier: MIT
#include "payload/payloadextractor.h"

#include "core/workerjob.h"
#include "payload/entryreader.h"
#include "payload/payloadarchive.h"

#include <QCryptographicHash>
#include <QFile>

#include <map>

namespace Entracte {

namespace {

constexpr qint64 blockSize = 256 * 1024;

Error cancelled()
{
    return {ErrorCode::Cancelled,
            PayloadExtractor::tr("The installation was cancelled.", "error message")};
}

/// One run through a plan, in the worker thread.
class Staging
{
public:
    Staging(const InstallPlan &plan, Transaction &transaction, WorkerJob::Context &context)
        : m_plan(plan)
        , m_transaction(transaction)
        , m_context(context)
    {
        for (const Operation &operation : plan.operations) {
            if (const auto *place = std::get_if<PlaceEntry>(&operation))
                m_total += place->entry.size;
            else if (const auto *kept = std::get_if<KeepEntry>(&operation))
                m_total += kept->entry.size;
        }
    }

    Result<> run()
    {
        for (const Operation &operation : m_plan.operations) {
            if (m_context.isCancelled())
                return cancelled();
            const Result<> done =
                std::visit([this](const auto &what) { return perform(what); }, operation);
            if (!done)
                return done.error();
        }
        return m_transaction.finishStaging();
    }

private:
    Result<> perform(const CreateDirectory &operation)
    {
        return m_transaction.createDirectory(operation);
    }
    Result<> perform(const PlaceEntry &operation);
    Result<> perform(const KeepEntry &operation);
    Result<> perform(const RemoveEntry &) { return {}; } // what nobody stages is gone
    Result<> perform(const BackUpFile &operation) { return m_transaction.backUp(operation); }

    Result<> advance(qint64 bytes)
    {
        m_done += bytes;
        m_context.reportProgress(m_done, m_total);
        return m_context.isCancelled() ? cancelled() : Result<>();
    }
    Result<std::shared_ptr<const PayloadArchive>> archive(const QString &fileName);

    const InstallPlan &m_plan;
    Transaction &m_transaction;
    WorkerJob::Context &m_context;
    std::map<QString, std::shared_ptr<const PayloadArchive>> m_archives;
    EntryReader m_reader;
    qint64 m_done = 0;
    qint64 m_total = 0;
};

Result<> Staging::perform(const PlaceEntry &operation)
{
    const PayloadEntry &entry = operation.entry;
    if (entry.kind == EntryKind::SymbolicLink)
        return m_transaction.createSymbolicLink(entry);

    const Result<std::shared_ptr<const PayloadArchive>> from = archive(entry.archive);
    if (!from)
        return from.error();
    const Result<std::unique_ptr<QFileDevice>> file = m_transaction.createFile(entry);
    if (!file)
        return file.error();
    const Result<> read = m_reader.read(**from, entry, [&](QByteArrayView block) -> Result<> {
        if ((*file)->write(block.data(), block.size()) != block.size())
            return Error{
                (*file)->error() == QFileDevice::ResourceError ? ErrorCode::NoSpace
                                                               : ErrorCode::Failed,
                PayloadExtractor::tr("Could not write “%1”: %2.", "error message; %2: system")
                    .arg((*file)->fileName(), (*file)->errorString())};
        return advance(block.size());
    });
    if (!read)
        return read.error();
    m_transaction.recordDigest(entry.path, m_reader.sha256());
    return {};
}

Result<> Staging::perform(const KeepEntry &operation)
{
    const PayloadEntry &entry = operation.entry;
    if (const Result<> kept = m_transaction.keep(entry); !kept)
        return kept.error();
    if (entry.kind != EntryKind::File)
        return {};

    // What is there is read, not what should be: the receipt must be true.
    QFile file(m_plan.targetDirectory + u'/' + entry.path);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    QByteArray block(blockSize, Qt::Uninitialized);
    bool isOpen = file.open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    qint64 got = 0;
    while (isOpen && (got = file.read(block.data(), block.size())) > 0) {
        hash.addData(QByteArrayView(block).first(got));
        if (const Result<> go = advance(got); !go)
            return go.error();
    }
    if (!isOpen || got < 0)
        return Error{ErrorCode::Failed,
                     PayloadExtractor::tr("Could not read “%1”: %2.", "error message; %2: system")
                         .arg(file.fileName(), file.errorString())};
    m_transaction.recordDigest(entry.path, hash.result());
    return {};
}

Result<std::shared_ptr<const PayloadArchive>> Staging::archive(const QString &fileName)
{
    std::shared_ptr<const PayloadArchive> &archive = m_archives[fileName];
    if (!archive) {
        Result<std::shared_ptr<const PayloadArchive>> opened = PayloadArchive::open(fileName);
        if (!opened)
            return opened.error();
        archive = *std::move(opened);
    }
    return archive;
}

} // namespace

struct PayloadExtractor::Private
{
    /// Handed from the worker to the owner when the worker is done.
    struct Outcome
    {
        std::shared_ptr<Transaction> transaction;
    };

    InstallPlan plan;
    std::shared_ptr<FileSystem> fileSystem;
    std::shared_ptr<Transaction> transaction;
    std::unique_ptr<WorkerJob> worker;
    bool isCancelled = false;
    bool isPaused = false;
};

PayloadExtractor::PayloadExtractor(const InstallPlan &plan, std::shared_ptr<FileSystem> fileSystem,
                                   QObject *parent)
    : Job(parent)
    , d(std::make_unique<Private>())
{
    d->plan = plan;
    d->fileSystem = std::move(fileSystem);
}

PayloadExtractor::~PayloadExtractor() = default;

bool PayloadExtractor::isPaused() const
{
    return d->isPaused;
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
    const auto stage = [plan = d->plan, fileSystem = d->fileSystem,
                        outcome](WorkerJob::Context &context) -> Result<> {
        Result<std::unique_ptr<Transaction>> begun = Transaction::begin(fileSystem, plan);
        if (!begun)
            return begun.error();
        std::unique_ptr<Transaction> transaction = *std::move(begun);
        if (const Result<> staged = Staging(plan, *transaction, context).run(); !staged) {
            const Result<> undone = transaction->rollBack();
            return undone ? staged.error() : undone.error();
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
            [this](const Result<> &undone) { finish(undone ? cancelled() : undone); });
    d->worker->start();
}

} // namespace Entracte
