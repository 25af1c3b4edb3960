// SPDX-License-Identifier: MIT
#include "transaction/receiptfile.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>

#include <array>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

const auto kindWords = std::to_array<std::pair<EntryKind, QLatin1StringView>>({
    {EntryKind::File, "file"_L1},
    {EntryKind::Directory, "directory"_L1},
    {EntryKind::SymbolicLink, "link"_L1},
});

QString toWord(EntryKind kind)
{
    for (const auto &[value, word] : kindWords) {
        if (value == kind)
            return word;
    }
    Q_UNREACHABLE();
}

std::optional<EntryKind> kindFrom(const QString &text)
{
    for (const auto &[value, word] : kindWords) {
        if (text == word)
            return value;
    }
    return std::nullopt;
}

/// A receipt decides what may be deleted, so a path in it must not leave the target.
bool staysInside(const QString &path)
{
    const QStringList components = path.split(u'/');
    return !components.contains(QString()) && !components.contains(u"."_s)
        && !components.contains(u".."_s)
        && components.first() != QLatin1StringView(ownDirectoryName);
}

QJsonObject toJson(const InstalledFile &file)
{
    QJsonObject object{{u"kind"_s, toWord(file.kind)}, {u"mode"_s, QString::number(file.mode, 8)}};
    if (file.kind == EntryKind::File) {
        object[u"size"_s] = file.size;
        object[u"sha256"_s] = QString::fromLatin1(file.sha256.toHex());
    }
    if (file.kind == EntryKind::SymbolicLink)
        object[u"target"_s] = file.linkTarget;
    return object;
}

std::optional<InstalledFile> fileFrom(const QJsonObject &object)
{
    const std::optional<EntryKind> kind = kindFrom(object[u"kind"_s].toString());
    bool isMode = false;
    InstalledFile file;
    file.mode = object[u"mode"_s].toString().toInt(&isMode, 8);
    if (!kind || !isMode)
        return std::nullopt;
    file.kind = *kind;
    file.size = object[u"size"_s].toInteger();
    file.sha256 = QByteArray::fromHex(object[u"sha256"_s].toString().toLatin1());
    file.linkTarget = object[u"target"_s].toString();
    if (file.kind == EntryKind::File && file.sha256.size() != 32)
        return std::nullopt;
    return file;
}

} // namespace

Result<std::optional<Receipt>> ReceiptFile::read(const QString &targetDirectory)
{
    const QString fileName =
        targetDirectory + u'/' + QLatin1StringView(ownDirectoryName) + "/receipt.json"_L1;
    const QFileInfo info(fileName);
    if (!info.exists() && !info.isSymLink()) {
        // "Not there" and "may not look" are different answers: the second must not pass for none.
        const QFileInfo folder(targetDirectory);
        const QFileInfo own(info.path());
        if ((!folder.exists() || folder.isExecutable()) && (!own.exists() || own.isExecutable()))
            return std::optional<Receipt>();
    }

    const auto failure = [&fileName](const QString &reason) {
        return Error{ErrorCode::Failed, tr("Could not read what is installed from “%1”: %2.",
                                           "error message; %2: reason")
                                            .arg(fileName, reason)};
    };
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly))
        return failure(file.errorString());
    QJsonParseError parseError;
    const QJsonObject object = QJsonDocument::fromJson(file.readAll(), &parseError).object();
    if (parseError.error != QJsonParseError::NoError)
        return failure(parseError.errorString());

    const int version = object[u"formatVersion"_s].toInt();
    if (version > Receipt::formatVersion)
        return Error{ErrorCode::Failed,
                     tr("“%1” was written by a newer installer (format %2, this one knows %3).",
                        "error message")
                         .arg(fileName)
                         .arg(version)
                         .arg(Receipt::formatVersion)};
    Receipt receipt;
    receipt.productId = object[u"product"_s].toString();
    receipt.version = QVersionNumber::fromString(object[u"version"_s].toString());
    receipt.transactionId = object[u"transaction"_s].toString();
    if (version < 1 || receipt.productId.isEmpty() || !object[u"files"_s].isObject())
        return failure(tr("it is not a receipt", "error message, reason"));

    const QJsonObject files = object[u"files"_s].toObject();
    for (auto it = files.begin(); it != files.end(); ++it) {
        const std::optional<InstalledFile> installed = fileFrom(it.value().toObject());
        if (!installed || !staysInside(it.key()))
            return failure(
                tr("its line about “%1” makes no sense", "error message, reason").arg(it.key()));
        receipt.files.insert(it.key(), *installed);
    }
    return std::optional<Receipt>(receipt);
}

QByteArray ReceiptFile::serialize(const Receipt &receipt)
{
    QJsonObject files;
    for (auto it = receipt.files.begin(); it != receipt.files.end(); ++it)
        files.insert(it.key(), toJson(it.value()));
    return QJsonDocument(QJsonObject{{u"formatVersion"_s, Receipt::formatVersion},
                                     {u"product"_s, receipt.productId},
                                     {u"version"_s, receipt.version.toString()},
                                     {u"transaction"_s, receipt.transactionId},
                                     {u"files"_s, files}})
        .toJson();
}

} // namespace Entracte
