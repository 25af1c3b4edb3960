// SPDX-License-Identifier: MIT
#include "manifest/keylocator.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace Entracte {

KeyLocator::KeyLocator(const QByteArray &json)
    : m_json(json)
{
    readValue({});
}

int KeyLocator::lineAt(const QByteArray &json, qsizetype offset)
{
    return int(json.left(offset).count('\n')) + 1;
}

int KeyLocator::lineOf(const QString &keyPath) const
{
    QString path = keyPath;
    while (!path.isEmpty()) {
        if (const auto line = m_lines.constFind(path); line != m_lines.cend())
            return *line;
        path.truncate(qMax(qsizetype(0), qMax(path.lastIndexOf(u'.'), path.lastIndexOf(u'['))));
    }
    return 1;
}

void KeyLocator::readValue(const QString &path)
{
    skipSpace();
    if (m_at >= m_json.size())
        return;
    switch (m_json.at(m_at)) {
    case '{':
        return readObject(path);
    case '[':
        return readArray(path);
    case '"':
        readString();
        return;
    default:
        while (m_at < m_json.size() && !QByteArrayView(",]} \t\r\n").contains(m_json.at(m_at)))
            ++m_at;
    }
}

void KeyLocator::readObject(const QString &path)
{
    take('{');
    for (skipSpace(); m_at < m_json.size() && m_json.at(m_at) == '"'; skipSpace()) {
        const int line = m_line;
        const QString key = readString();
        const QString keyPath = path.isEmpty() ? key : path + u'.' + key;
        if (m_lines.contains(keyPath))
            m_repeated.append({keyPath, line});
        else
            m_lines.insert(keyPath, line);

        take(':');
        readValue(keyPath);
        take(',');
    }
    take('}');
}

void KeyLocator::readArray(const QString &path)
{
    take('[');
    for (int index = 0; m_at < m_json.size(); ++index) {
        skipSpace();
        if (take(']'))
            return;
        const QString itemPath = u"%1[%2]"_s.arg(path).arg(index);
        m_lines.insert(itemPath, m_line);
        const qsizetype before = m_at;
        readValue(itemPath);
        take(',');
        if (m_at == before)
            return; // not JSON: never loop
    }
}

QString KeyLocator::readString()
{
    const qsizetype start = m_at;
    for (++m_at; m_at < m_json.size() && m_json.at(m_at) != '"'; ++m_at)
        if (m_json.at(m_at) == '\\')
            ++m_at;
    ++m_at;
    const QByteArray literal = m_json.mid(start, m_at - start);
    return QJsonDocument::fromJson('[' + literal + ']').array().at(0).toString();
}

void KeyLocator::skipSpace()
{
    for (; m_at < m_json.size() && QByteArrayView(" \t\r\n").contains(m_json.at(m_at)); ++m_at)
        if (m_json.at(m_at) == '\n')
            ++m_line;
}

bool KeyLocator::take(char expected)
{
    skipSpace();
    if (m_at >= m_json.size() || m_json.at(m_at) != expected)
        return false;
    ++m_at;
    return true;
}

} // namespace Entracte
