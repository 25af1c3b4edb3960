// SPDX-License-Identifier: MIT
#include "engine/exitcode.h"
#include "payload/payloadwriter.h"
#include "tools/commands.h"

#include <QLocale>
#include <QTextStream>

using namespace Qt::StringLiterals;

namespace Entracte {

static int complain(const Error &error)
{
    QTextStream(stderr) << error.message << Qt::endl;
    return static_cast<int>(exitCodeFor(error.code));
}

int Commands::pack(const QStringList &arguments)
{
    QStringList words = arguments;
    QString archive;
    if (const qsizetype option = words.indexOf(u"-o"_s); option >= 0) {
        archive = words.value(option + 1);
        words.remove(option, std::min<qsizetype>(2, words.size() - option));
    }
    if (words.size() != 1 || words.first().isEmpty() || archive.isEmpty())
        return complain({ErrorCode::Usage,
                         tr("Say which folder and which archive: entracte pack FOLDER -o ARCHIVE.",
                            "command line error")});

    PayloadWriter::Options options;
    if (const QByteArray epoch = qgetenv("SOURCE_DATE_EPOCH"); !epoch.isEmpty()) {
        bool isNumber = false;
        options.time = epoch.toLongLong(&isNumber);
        if (!isNumber)
            return complain(
                {ErrorCode::Usage,
                 tr("SOURCE_DATE_EPOCH is not a number of seconds: “%1”.", "command line error")
                     .arg(QString::fromLocal8Bit(epoch))});
    }
    const Result<PayloadWriter> writer = PayloadWriter::open(words.first());
    if (!writer)
        return complain(writer.error());
    WorkerJob::Context context;
    const Result<PayloadWriter::Summary> summary = writer->write(archive, options, context);
    if (!summary)
        return complain(summary.error());
    const QLocale locale;
    QTextStream(stdout) << tr("%n entries, %1, packed in “%2”, %3.", "pack result; %1, %3: size",
                              int(summary->entries))
                               .arg(locale.formattedDataSize(summary->plainBytes), archive,
                                    locale.formattedDataSize(summary->archiveBytes))
                        << Qt::endl;
    return static_cast<int>(ExitCode::Done);
}

} // namespace Entracte
