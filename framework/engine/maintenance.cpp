// SPDX-License-Identifier: MIT
#include "engine/maintenance.h"

#include "engine/exitcode.h"
#include "guardian/nextstart.h"
#include "guardian/seethrough.h"
#include "guardian/waitedfor.h"
#include "manifest/manifestreader.h"
#include "transaction/receiptfile.h"
#include "transaction/transaction.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace Entracte {

Maintenance::Maintenance(const Manifest &manifest, const InstallOptions &options,
                         QTextStream &output, QTextStream &errors)
    : m_manifest(manifest)
    , m_options(options)
    , m_target(options.targetDirectory.isEmpty() ? manifest.targetDirectory
                                                 : options.targetDirectory)
    , m_output(output)
    , m_errors(errors)
{
}

int Maintenance::run()
{
    const auto carryOut = [this] {
        switch (m_options.command) {
        case InstallOptions::Command::List:
            return list();
        case InstallOptions::Command::Recover:
            return recover();
        case InstallOptions::Command::Cancel:
            return cancel();
        case InstallOptions::Command::Install:
            break;
        }
        Q_UNREACHABLE();
    };
    const Result<> done = carryOut();
    if (done)
        return static_cast<int>(ExitCode::Done);
    m_errors << done.error().message << Qt::endl;
    const bool waits = m_options.command == InstallOptions::Command::Recover
                    && done.error().code == ErrorCode::FilesInUse;
    return static_cast<int>(waits ? ExitCode::Deferred : exitCodeFor(done.error().code));
}

void Maintenance::say(const QString &sentence)
{
    if (m_options.verbosity != InstallOptions::Verbosity::Quiet)
        m_output << sentence << Qt::endl;
}

Result<> Maintenance::list()
{
    const Result<std::optional<Receipt>> installed = ReceiptFile::read(m_target);
    if (!installed)
        return installed.error();
    const Result<std::optional<DeferredVersion>> waiting = DeferredVersion::of(m_target);
    if (!waiting)
        return waiting.error();
    const Listing listing{*installed, *waiting, *waiting ? holdersOf(**waiting) : std::nullopt};
    m_options.json ? listAsJson(listing) : listAsText(listing);
    return {};
}

/// Who they are is a hint: where it cannot be known, the list is true without it.
std::optional<QList<AffectedApplication>> Maintenance::holdersOf(const DeferredVersion &waiting)
{
    const Result<QList<AffectedApplication>> holders = waitedFor(waiting.filesInTheWay);
    if (holders)
        return *holders;
    m_errors << holders.error().message << Qt::endl;
    return std::nullopt;
}

void Maintenance::listAsJson(const Listing &listing)
{
    const auto version = [](const auto &known) {
        return known ? QJsonValue(known->version.toString()) : QJsonValue();
    };
    QJsonObject object{{u"product"_s, m_manifest.product.id},
                       {u"name"_s, m_manifest.product.name},
                       {u"target"_s, m_target},
                       {u"installed"_s, version(listing.installed)},
                       {u"deferred"_s, version(listing.deferred)}};
    if (listing.holders) {
        QJsonArray holders;
        for (const AffectedApplication &holder : *listing.holders)
            holders.append(QJsonObject{{u"name"_s, holder.name}, {u"pid"_s, holder.process.pid}});
        object.insert(u"waitsFor"_s, holders);
    }
    m_output << QJsonDocument(object).toJson(QJsonDocument::Compact) << Qt::endl;
}

void Maintenance::listAsText(const Listing &listing)
{
    const QString name = m_manifest.product.name;
    if (listing.installed)
        m_output << tr("%1 %2 is installed in “%3”.", "list; name, version, folder")
                        .arg(name, listing.installed->version.toString(), m_target)
                 << Qt::endl;
    else
        m_output << tr("%1 is not installed in “%2”.", "list; name, folder").arg(name, m_target)
                 << Qt::endl;
    if (listing.deferred)
        m_output << tr("Version %1 waits until the files of the installed one are no longer in "
                       "use.",
                       "list")
                        .arg(listing.deferred->version.toString())
                 << Qt::endl;
    QStringList holders;
    for (const AffectedApplication &holder : listing.holders.value_or(QList<AffectedApplication>()))
        holders.append(tr("%1 (pid %2)", "list; an application, the number of its process")
                           .arg(holder.name)
                           .arg(holder.process.pid));
    if (!holders.isEmpty())
        m_output << tr("It waits for %1.", "list; %1 is one or more of “Editor (pid 4711)”")
                        .arg(QLocale().createSeparatedList(holders))
                 << Qt::endl;
}

Result<> Maintenance::recover()
{
    if (const Result<> recovered = Transaction::recover(m_target); !recovered)
        return recovered;
    const Result<std::optional<DeferredVersion>> waiting = DeferredVersion::of(m_target);
    if (!waiting)
        return waiting.error();
    const auto nothing = [] {};
    const Result<> done = seeThrough(m_target, DeferredSwap::Patience::Once, nothing, nothing);
    if (done && *waiting)
        say(tr("Version %1 of %2, which had waited until files were no longer in use, is in "
               "place.",
               "recover; version, name")
                .arg((*waiting)->version.toString(), m_manifest.product.name));
    return done;
}

Result<> Maintenance::cancel()
{
    if (const Result<> recovered = Transaction::recover(m_target); !recovered)
        return recovered;
    const Result<std::optional<DeferredVersion>> waiting = DeferredVersion::of(m_target);
    if (!waiting)
        return waiting.error();
    if (const Result<> dropped = DeferredVersion::drop(m_target); !dropped)
        return dropped;
    say(*waiting ? tr("Version %1 of %2, which waited until files were no longer in use, was "
                      "dropped; what is installed stays.",
                      "cancel; version, name")
                       .arg((*waiting)->version.toString(), m_manifest.product.name)
                 : tr("Nothing waits for %1.", "cancel; name").arg(m_manifest.product.name));
    return NextStart::forget(m_target);
}

int maintain(const QString &manifestFile, const InstallOptions &options)
{
    QTextStream output(stdout);
    QTextStream errors(stderr);
    const Result<Manifest> manifest = ManifestReader::read(manifestFile);
    if (!manifest) {
        errors << manifest.error().message << Qt::endl;
        return static_cast<int>(exitCodeFor(manifest.error().code));
    }
    return Maintenance(*manifest, options, output, errors).run();
}

} // namespace Entracte
