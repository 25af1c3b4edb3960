// SPDX-License-Identifier: MIT
#include "engine/maintenance.h"

#include "engine/exitcode.h"
#include "guardian/nextstart.h"
#include "guardian/seethrough.h"
#include "manifest/manifestreader.h"
#include "transaction/deferredversion.h"
#include "transaction/receiptfile.h"
#include "transaction/transaction.h"

#include <QJsonDocument>
#include <QJsonObject>

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
    const QString name = m_manifest.product.name;
    if (m_options.json) {
        const auto version = [](const auto &known) {
            return known ? QJsonValue(known->version.toString()) : QJsonValue();
        };
        const QJsonObject object{{u"product"_s, m_manifest.product.id},
                                 {u"name"_s, name},
                                 {u"target"_s, m_target},
                                 {u"installed"_s, version(*installed)},
                                 {u"deferred"_s, version(*waiting)}};
        m_output << QJsonDocument(object).toJson(QJsonDocument::Compact) << Qt::endl;
        return {};
    }
    if (*installed)
        m_output << tr("%1 %2 is installed in “%3”.", "list; name, version, folder")
                        .arg(name, (*installed)->version.toString(), m_target)
                 << Qt::endl;
    else
        m_output << tr("%1 is not installed in “%2”.", "list; name, folder").arg(name, m_target)
                 << Qt::endl;
    if (*waiting)
        m_output << tr("Version %1 waits until the files of the installed one are no longer in "
                       "use.",
                       "list")
                        .arg((*waiting)->version.toString())
                 << Qt::endl;
    return {};
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
