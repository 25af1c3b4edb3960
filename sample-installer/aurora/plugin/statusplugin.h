// SPDX-License-Identifier: MIT
#pragma once

#include <QString>
#include <QtPlugin>

/// What a plug-in in Aurora's `plugins` folder offers: a short remark about the text, shown in the
/// status bar.
class StatusPlugin
{
public:
    virtual ~StatusPlugin() = default;

    virtual QString status(const QString &text) const = 0;
};

#define StatusPlugin_iid "org.example.aurora.StatusPlugin/1"
Q_DECLARE_INTERFACE(StatusPlugin, StatusPlugin_iid)
