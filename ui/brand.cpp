// SPDX-License-Identifier: MIT
#include "ui/brand.h"

#include <QLinearGradient>
#include <QPainter>

namespace Entracte {

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

QPalette Brand::accented() const
{
    QPalette palette = m_palette;
    palette.setColor(QPalette::Highlight, m_accent);
    palette.setColor(QPalette::HighlightedText, isDark(m_accent) ? Qt::white : Qt::black);
    const bool onDark = isDark(palette.color(QPalette::Window));
    palette.setColor(QPalette::Link, onDark ? m_accent.lighter(160) : m_accent.darker(120));
    return palette;
}

BrandBand::BrandBand(const Brand &brand, QWidget *parent)
    : QWidget(parent)
    , m_logo(brand.icon())
    , m_accent(brand.accent())
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
}

QSize BrandBand::sizeHint() const
{
    return {156, 420};
}

void BrandBand::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QLinearGradient gradient(0, 0, 0, height());
    gradient.setColorAt(0, m_accent.lighter(112));
    gradient.setColorAt(1, m_accent.darker(180));
    painter.fillRect(rect(), gradient);
    if (m_logo.isNull())
        return;

    const int disc = 112;
    const QRect circle((width() - disc) / 2, 32, disc, disc);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(255, 255, 255, 235));
    painter.drawEllipse(circle);
    m_logo.paint(&painter, circle.adjusted(22, 22, -22, -22));
}

} // namespace Entracte

#include "moc_brand.cpp"
