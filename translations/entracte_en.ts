<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
<context>
    <name>Entracte::ApplicationRow</name>
    <message numerus="yes">
        <source>Uses %1 and %n more file(s)</source>
        <comment>files-in-use dialog, row</comment>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::Commands</name>
    <message numerus="yes">
        <source>%n process(es) of other users could not be inspected.</source>
        <comment>in-use result</comment>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::FilesInUseDialog</name>
    <message numerus="yes">
        <source>Waiting for %n application(s) to close</source>
        <comment>files-in-use dialog, title</comment>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) are using files that will be replaced</source>
        <comment>files-in-use dialog, title</comment>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::FinishedPage</name>
    <message numerus="yes">
        <source>%1 was closed and is open again.</source>
        <comment>finished page</comment>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 uses the old version until it is closed.</source>
        <comment>finished page</comment>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::ReadyPage</name>
    <message numerus="yes">
        <source>%n application(s) will have to close for a moment. You will be asked first, and they are opened again afterwards.</source>
        <comment>ready page</comment>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
</TS>
