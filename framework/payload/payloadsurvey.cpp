// SPDX-License-Identifier: MIT
#include "payload/payloadsurvey.h"

#include "payload/comparison.h"
#include "payload/filedigest.h"
#include "payload/payloadarchive.h"

#include <QFileInfo>

#include <future>

namespace Entracte {

static Result<> checkDigest(const Component &component, const WorkerJob::Context &context)
{
    if (component.sha256.isEmpty() || !QFileInfo(component.payload).isFile())
        return {}; // a missing one is refused when it is opened
    const Result<QByteArray> digest = FileDigest::of(component.payload, context);
    if (!digest)
        return digest.error();
    if (*digest == component.sha256)
        return {};
    return Error{ErrorCode::BadPayload,
                 PayloadSurvey::tr("The payload “%1” is not the one that the manifest promises: "
                                   "its SHA-256 is %2, not %3.",
                                   "error message")
                     .arg(component.payload, QString::fromLatin1(digest->toHex()),
                          QString::fromLatin1(component.sha256.toHex()))};
}

Result<PayloadSurvey> PayloadSurvey::take(const Manifest &manifest, const QString &targetDirectory,
                                          WorkerJob::Context &context)
{
    PayloadSurvey survey;
    Comparison comparison(targetDirectory, survey.installed, context);
    // What is installed and what is offered are read beside each other.
    std::future<Result<>> looked =
        std::async(std::launch::async, [&comparison] { return comparison.lookAtRecorded(); });
    for (const Component &component : manifest.components) {
        if (!component.required && !component.selected)
            continue;
        if (const Result<> checked = checkDigest(component, context); !checked)
            return checked.error();
        Result<std::shared_ptr<const PayloadArchive>> archive =
            PayloadArchive::open(component.payload);
        if (!archive)
            return archive.error();
        if (survey.entries.isEmpty())
            survey.entries = (*archive)->entries(); // shared: mostly there is one archive
        else
            survey.entries.append((*archive)->entries());
        survey.archives.append(*std::move(archive));
    }
    if (const Result<> done = looked.get(); !done)
        return done.error();
    if (!comparison.hasTarget())
        return survey;
    Result<> compared = comparison.compareOffered(survey.archives);
    if (compared)
        compared = comparison.conclude();
    if (!compared)
        return compared.error();
    return survey;
}

Result<InstalledProduct> PayloadSurvey::takeInstalled(const QString &targetDirectory,
                                                      WorkerJob::Context &context)
{
    InstalledProduct installed;
    Comparison comparison(targetDirectory, installed, context);
    Result<> looked = comparison.lookAtRecorded();
    if (looked && comparison.hasTarget())
        looked = comparison.conclude();
    if (!looked)
        return looked.error();
    return installed;
}

} // namespace Entracte
