// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QCryptographicHash>
#include <QFile>
#include <QString>

#include <algorithm>
#include <filesystem>
#include <vector>

/// One digest of a whole tree: paths, kinds, modes, bytes and link targets; not times, not inodes.
/// A missing tree has the empty digest.
inline QByteArray treeHash(const QString &directory)
{
    namespace fs = std::filesystem;
    const fs::path root(directory.toStdString());
    if (!fs::exists(fs::symlink_status(root)))
        return {};
    std::vector<fs::path> paths{root};
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(root))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());

    QCryptographicHash hash(QCryptographicHash::Sha256);
    const auto add = [&hash](const QByteArray &part) {
        hash.addData(QByteArray::number(part.size()) + ':' + part);
    };
    for (const fs::path &path : paths) {
        const fs::file_status status = fs::symlink_status(path);
        add(QByteArray::fromStdString(path.lexically_relative(root).native()));
        add(QByteArray::number(int(status.type())));
        if (fs::is_symlink(status)) {
            add(QByteArray::fromStdString(fs::read_symlink(path).native()));
            continue;
        }
        add(QByteArray::number(int(status.permissions())));
        if (fs::is_regular_file(status)) {
            QFile file(QString::fromStdString(path.native()));
            if (file.open(QIODevice::ReadOnly))
                add(file.readAll());
        }
    }
    return hash.result();
}
