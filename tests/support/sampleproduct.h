// SPDX-License-Identifier: MIT
#pragma once

#include "manifest/manifest.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QProcess>
#include <QTemporaryDir>

/// A small product in a folder of its own: real files, a real archive, a manifest over it.
class SampleProduct
{
public:
    using Tree = QMap<QString, QByteArray>; ///< path → bytes

    QString folder() const { return m_folder.path(); }
    QString target() const { return m_folder.filePath(QStringLiteral("programs/Sample")); }

    /// The manifest of \a version, whose payload holds \a tree.
    Entracte::Manifest offer(const QString &version, const Tree &tree)
    {
        const QString root = m_folder.filePath(QStringLiteral("tree-") + version);
        for (auto file = tree.cbegin(); file != tree.cend(); ++file)
            write(root + u'/' + file.key(), file.value());
        const QString archive = m_folder.filePath(QStringLiteral("app-%1.zip").arg(version));
        pack(root, archive, QStringList(tree.keys()));

        Entracte::Manifest manifest;
        manifest.fileName = m_folder.filePath(QStringLiteral("manifest.json"));
        manifest.product = {QStringLiteral("org.example.sample"), QStringLiteral("Sample"),
                            QVersionNumber::fromString(version), QStringLiteral("Example Org")};
        manifest.targetDirectory = target();
        Entracte::Component component;
        component.id = QStringLiteral("app");
        component.name = QStringLiteral("Sample");
        component.required = true;
        component.payload = archive;
        manifest.components = {component};
        return manifest;
    }

    /// \a offer as a file, for an installer that is another process; its name.
    QString writeManifest(const Entracte::Manifest &offer, const QJsonArray &chain = {}) const
    {
        using namespace Qt::StringLiterals;
        const QString version = offer.product.version.toString();
        const Entracte::Component &component = offer.components.constFirst();
        QJsonObject manifest{
            {u"formatVersion"_s, 1},
            {u"product"_s, QJsonObject{{u"id"_s, offer.product.id},
                                       {u"name"_s, offer.product.name},
                                       {u"version"_s, version}}},
            {u"targetDirectory"_s, target()},
            {u"components"_s, QJsonArray{QJsonObject{{u"id"_s, component.id},
                                                     {u"name"_s, component.name.in({})},
                                                     {u"payload"_s, component.payload}}}}};
        if (!chain.isEmpty())
            manifest.insert(u"chain"_s, chain);
        const QString fileName = m_folder.filePath(u"manifest-%1.json"_s.arg(version));
        write(fileName, QJsonDocument(manifest).toJson());
        return fileName;
    }

    static void write(const QString &fileName, const QByteArray &bytes)
    {
        QDir().mkpath(QFileInfo(fileName).path());
        QFile file(fileName);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write %s", qPrintable(fileName));
    }

    /// Every file below the target but the receipt, with its bytes.
    Tree installed() const
    {
        Tree found;
        QDirIterator files(target(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            const QString path = QDir(target()).relativeFilePath(file.fileName());
            if (path.startsWith(QStringLiteral(".entracte/")))
                continue;
            if (file.open(QIODevice::ReadOnly))
                found.insert(path, file.readAll());
        }
        return found;
    }

    /// Names beside the target: work directories that were left behind would show here.
    QStringList besideTarget() const
    {
        QStringList names = QFileInfo(target()).dir().entryList(QDir::AllEntries | QDir::Hidden
                                                                | QDir::NoDotAndDotDot);
        names.removeAll(QFileInfo(target()).fileName());
        return names;
    }

private:
    static void pack(const QString &root, const QString &archive, const QStringList &paths)
    {
        QProcess cmake;
        cmake.setWorkingDirectory(root);
        cmake.start(QStringLiteral(ENTRACTE_CMAKE),
                    QStringList{QStringLiteral("-E"), QStringLiteral("tar"), QStringLiteral("cf"),
                                archive, QStringLiteral("--format=zip"), QStringLiteral("--")}
                        + paths);
        if (!cmake.waitForFinished() || cmake.exitCode() != 0)
            qFatal("cannot pack %s", qPrintable(archive));
    }

    QTemporaryDir m_folder;
};
