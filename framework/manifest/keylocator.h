// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QHash>
#include <QList>
#include <QString>

namespace Entracte {

/// Where each key of a JSON text stands: QJsonDocument knows values, not lines. Give it text that
/// QJsonDocument has accepted; for other text the lines are merely wrong.
///
/// Key paths read as an author would say them: "product.name", "components[1].payload".
class KeyLocator
{
public:
    explicit KeyLocator(const QByteArray &json);

    /// The line (from 1) of \a keyPath; for an absent key that of the nearest enclosing one.
    int lineOf(const QString &keyPath) const;

    /// Key paths that occur more than once in one object, with the line of the repetition.
    const QList<std::pair<QString, int>> &repeated() const { return m_repeated; }

    /// The line of byte \a offset.
    static int lineAt(const QByteArray &json, qsizetype offset);

private:
    void readValue(const QString &path);
    void readObject(const QString &path);
    void readArray(const QString &path);
    QString readString();
    void skipSpace();
    bool take(char expected);

    const QByteArray &m_json;
    qsizetype m_at = 0;
    int m_line = 1;
    QHash<QString, int> m_lines;
    QList<std::pair<QString, int>> m_repeated;
};

} // namespace Entracte
