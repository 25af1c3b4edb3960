// SPDX-License-Identifier: MIT
#include "ui/brand.h"

#include <QLinearGradient>
#include <QPainter>

namespace Entracte {

static QPixmap canvas(const QSize &size, qreal devicePixelRatio)
{
    QPixmap pixmap(size * devicePixelRatio);
    pixmap.setDevicePixelRatio(devicePixelRatio);
    pixmap.fill(Qt::transparent);
    return pixmap;
}

static QColor mixed(const QColor &one, const QColor &other, qreal share)
{
    const auto mix = [share](float a, float b) { return float(a + (b - a) * share); };
    return QColor::fromRgbF(mix(one.redF(), other.redF()), mix(one.greenF(), other.greenF()),
                            mix(one.blueF(), other.blueF()));
}

// Perceived brightness, as television has it.
static bool isDark(const QColor &colour)
{
    return 0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue() < 150;
}

Brand::Brand(const Branding &branding, const QPalette &palette)
    : m_icon(branding.logo)
    , m_accent(branding.accentColor.isEmpty() ? palette.color(QPalette::Highlight)
                                              : QColor(branding.accentColor))
    , m_palette(palette)
{
}

QPixmap Brand::logo(int size, qreal devicePixelRatio) const
{
    return m_icon.pixmap(QSize(size, size), devicePixelRatio);
}

QPixmap Brand::band(qreal devicePixelRatio) const
{
    const QSize size(168, 1200); // cut off at the bottom by the wizard
    QPixmap pixmap = canvas(size, devicePixelRatio);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    QLinearGradient gradient(0, 0, 0, 480);
    gradient.setColorAt(0, m_accent.lighter(112));
    gradient.setColorAt(1, m_accent.darker(165));
    painter.fillRect(QRect(QPoint(), size), gradient);

    const int disc = 112;
    const QRect circle((size.width() - disc) / 2, 36, disc, disc);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(255, 255, 255, 235));
    painter.drawEllipse(circle);
    m_icon.paint(&painter, circle.adjusted(20, 20, -20, -20));
    return pixmap;
}

QPixmap Brand::strip(qreal devicePixelRatio) const
{
    const QSize size(1600, 96);
    QPixmap pixmap = canvas(size, devicePixelRatio);
    QPainter painter(&pixmap);
    const QColor base = m_palette.color(QPalette::Base);
    painter.fillRect(QRect(QPoint(), size), mixed(base, m_accent, 0.14));
    return pixmap;
}

QPalette Brand::accented() const
{
    QPalette palette = m_palette;
    palette.setColor(QPalette::Highlight, m_accent);
    palette.setColor(QPalette::HighlightedText, isDark(m_accent) ? Qt::white : Qt::black);
    const bool onDark = isDark(palette.color(QPalette::Window));
    palette.setColor(QPalette::Link, onDark ? m_accent.lighter(160) : m_accent.darker(120));
    return palette;
}

} // namespace Entracte
