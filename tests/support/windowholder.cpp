// SPDX-License-Identifier: MIT
// A window on the display that does as it is told, for what no good program does:
//
//   windowholder TITLE [--ignore-close | --hide-on-close | --close] [--ignore-term | --catch-term]
//
// It says on its output "ready", and "asked" each time its window is asked to close; --catch-term
// says "term" and ends. Whatever files it holds were opened before it was started.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <unistd.h>

#include <xcb/xcb.h>

namespace {

xcb_atom_t atom(xcb_connection_t *connection, const char *name)
{
    const std::unique_ptr<xcb_intern_atom_reply_t, void (*)(void *)> reply(
        xcb_intern_atom_reply(
            connection, xcb_intern_atom(connection, 0, uint16_t(std::strlen(name)), name), nullptr),
        std::free);
    return reply ? reply->atom : xcb_atom_t(XCB_ATOM_NONE);
}

void say(const char *word)
{
    std::puts(word);
    std::fflush(stdout);
}

void endCleanly(int)
{
    static constexpr char word[] = "term\n";
    const ssize_t written = write(STDOUT_FILENO, word, sizeof word - 1);
    _exit(written < 0);
}

} // namespace

int main(int argc, char **argv)
{
    const char *const title = argc > 1 ? argv[1] : "holder";
    const std::string_view onClose = argc > 2 ? argv[2] : "--close";
    const std::string_view onTerm = argc > 3 ? argv[3] : "";
    if (onTerm == "--ignore-term")
        std::signal(SIGTERM, SIG_IGN);
    else if (onTerm == "--catch-term")
        std::signal(SIGTERM, endCleanly);

    xcb_connection_t *const connection = xcb_connect(nullptr, nullptr);
    if (xcb_connection_has_error(connection))
        return 2;
    const xcb_screen_t *const screen = xcb_setup_roots_iterator(xcb_get_setup(connection)).data;
    const xcb_window_t window = xcb_generate_id(connection);
    xcb_create_window(connection, XCB_COPY_FROM_PARENT, window, screen->root, 0, 0, 200, 100, 0,
                      XCB_WINDOW_CLASS_INPUT_OUTPUT, screen->root_visual, 0, nullptr);
    xcb_change_property(connection, XCB_PROP_MODE_REPLACE, window, XCB_ATOM_WM_NAME,
                        XCB_ATOM_STRING, 8, uint32_t(std::strlen(title)), title);
    const xcb_atom_t deleteWindow = atom(connection, "WM_DELETE_WINDOW");
    xcb_change_property(connection, XCB_PROP_MODE_REPLACE, window, atom(connection, "WM_PROTOCOLS"),
                        XCB_ATOM_ATOM, 32, 1, &deleteWindow);
    xcb_map_window(connection, window);
    xcb_flush(connection);
    say("ready");

    while (xcb_generic_event_t *const event = xcb_wait_for_event(connection)) {
        const auto *const message = reinterpret_cast<xcb_client_message_event_t *>(event);
        const bool isAsked = (event->response_type & 0x7f) == XCB_CLIENT_MESSAGE
                          && message->data.data32[0] == deleteWindow;
        std::free(event);
        if (!isAsked)
            continue;
        say("asked");
        if (onClose == "--close")
            return 0;
        if (onClose == "--hide-on-close") {
            xcb_unmap_window(connection, window);
            xcb_flush(connection);
        }
    }
}
