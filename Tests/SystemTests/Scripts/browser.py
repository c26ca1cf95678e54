"""The auditors' page in a real browser: browser.py URL TOKEN BUSINESS ARCHIVE SCREENSHOTS

Signs in by keyboard without JavaScript, goes through every page at phone and desktop width, dark and light, downloads a
day and compares it with the file in the archive, and asks axe-core whether the pages keep to WCAG 2.2 AA. Leaves a picture
of each page in SCREENSHOTS. Prints a line for each thing that is wrong, and ends with 1 then.
"""

import hashlib
import os
import shutil
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

url, token, business, archive, screenshots = sys.argv[1:]
WIDTHS = {"phone": (390, 844), "desktop": (1280, 900)}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
problems = []


def check(holds, what):
    if not holds:
        problems.append(what)


def watch(context):
    """Nothing may be asked of elsewhere, run, or pop up."""
    context.on("request", lambda it: check(it.url.startswith(url), f"a request goes to {it.url}"))

    def page_opened(page):
        page.on("dialog", lambda it: (check(False, f"a dialog opens: {it.message}"), it.dismiss()))
        page.on("pageerror", lambda it: check(False, f"an error in {page.url}: {it}"))
        page.on(
            "console",
            lambda it: check(
                it.type not in ("error", "warning") or "status of 40" in it.text, f"{page.url} says: {it.text}"
            ),
        )

    context.on("page", page_opened)


def follow(link):
    """Clicks, and waits until the page that this leads to is there."""
    with link.page.expect_navigation(wait_until="load"):
        link.click()


def sign_in(page, secret):
    page.goto(url)
    check(page.url.endswith("/sign-in"), f"the start of a stranger is {page.url}")
    page.focus("#token")
    page.keyboard.type(secret)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def pages(page):
    """Goes through all pages by their links, and yields the name of each when it is loaded."""
    yield "businesses"
    follow(page.get_by_role("link", name=business).first)
    yield "business"
    follow(page.get_by_role("region", name="Calendar").get_by_role("link").last)
    yield "day"
    follow(page.get_by_role("link", name="How to check this yourself"))
    yield "check"
    page.go_back()
    follow(page.get_by_role("region", name="Events").get_by_role("link").first)
    yield "event"
    follow(page.get_by_role("navigation", name="Main").get_by_role("link", name="Search"))
    yield "search"
    page.fill("#q", "script")
    page.select_option("#in", f"production/{business}")
    page.fill("#from", "2020-01-01")
    follow(page.get_by_role("main").get_by_role("button", name="Search"))
    yield "results"
    page.goto(url + "/b/production/nobody-of-this-name")
    check("Not found" in page.inner_text("h1"), "a business that does not exist has a page")
    yield "missing"


def look(browser, width, scheme):
    size = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, java_script_enabled=False, locale="en-GB"
    )
    watch(context)
    page = context.new_page()

    def take(name):
        page.screenshot(path=f"{screenshots}/{name}-{width}-{scheme}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth") - size[0]
        check(wide <= 0, f"{name} at {width} width is {wide} pixels too wide")

    page.goto(url)
    take("sign-in")
    sign_in(page, "daybook_wrong")
    check("no longer valid" in page.inner_text("[role=alert]"), "a wrong token is not reported")
    take("sign-in-wrong")
    sign_in(page, token)
    check(page.inner_text("h1") == "Businesses", f"after signing in one is at {page.url}")
    for name in pages(page):
        take(name)
    if width == "desktop" and scheme == "light":
        page.emulate_media(media="print")
        page.goto(url)
        follow(page.get_by_role("link", name=business).first)
        page.screenshot(path=f"{screenshots}/business-print.png", full_page=True)
        page.emulate_media(media="screen")
    if width == "phone":
        check(page.get_by_role("button", name="Sign out").is_visible(), "one cannot sign out on a phone")
    follow(page.get_by_role("button", name="Sign out"))
    page.goto(url)
    check(page.url.endswith("/sign-in"), "signing out does not end the session")
    context.close()


def download(browser):
    context = browser.new_context(accept_downloads=True)
    watch(context)
    page = context.new_page()
    sign_in(page, token)
    follow(page.get_by_role("link", name=business).first)
    follow(page.get_by_role("region", name="Calendar").get_by_role("link").last)
    shown = page.locator("section[aria-labelledby=archive] .hash").inner_text()
    day = page.url.rsplit("/", 1)[1]
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the archive").click()
    name = waiting.value.suggested_filename
    check(name == f"{business}_production_{day}.ndjson.gz", f"the download is called {name}")
    with open(waiting.value.path(), "rb") as file:
        got = hashlib.sha256(file.read()).hexdigest()
    path = f"{archive}/environment=production/business={business}/day={day}/events.ndjson.gz"
    with open(path, "rb") as file:
        kept = hashlib.sha256(file.read()).hexdigest()
    check(got == kept == shown, f"the download has SHA-256 {got}, the page says {shown}, the archive {kept}")
    context.close()


def accessibility(browser):
    """By axe-core, dark and light, on a phone and on a desktop; and by the keyboard."""
    for width, size in WIDTHS.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
            )
            watch(context)
            page = context.new_page()

            def ask(name):
                found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
                for it in found:
                    for node in it["nodes"][:3]:
                        check(False, f"{name} {width} {scheme}: {it['id']}: {it['help']}: {node['html'][:200]}")

            page.goto(url)
            ask("sign-in")
            sign_in(page, token)
            for name in pages(page):
                ask(name)
            page.goto(url)
            page.keyboard.press("Tab")
            check(page.evaluate("document.activeElement.className") == "skip", "the first stop is not the skip link")
            page.keyboard.press("Enter")
            check(page.evaluate("document.activeElement.id") == "main", "the skip link does not skip")
            context.close()


def main():
    shutil.rmtree(screenshots, ignore_errors=True)
    os.makedirs(screenshots)
    with sync_playwright() as playwright:
        # As root, which CI is, Chromium has no sandbox of its own.
        options = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=options
        )
        for width in WIDTHS:
            for scheme in ("light", "dark"):
                look(browser, width, scheme)
        download(browser)
        accessibility(browser)
        browser.close()
    for problem in dict.fromkeys(problems):
        print(problem)
    sys.exit(1 if problems else 0)


main()
