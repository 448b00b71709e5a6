"""Static files storage that joins the many small style sheets into one minified file.

`static/css/site.css` imports the others, and browsers follow that while somebody develops. When
static files are collected each `@import` is replaced by the file it names, and the result is
minified; its name carries a digest of its content like that of every static file.
"""

import posixpath
import re

import rcssmin
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN_FOLDER = "css/"
CSS_IMPORT = re.compile(r'@import url\("([^":]+)"\);')
CSS_URL = re.compile(r"url\(")


class StyleSheets:
    """A source of files for `post_process`: our own style sheets, joined and minified.

    `paths` is what collectstatic found, {name: (storage, path)}.
    """

    def __init__(self, paths):
        self.paths = paths

    def open(self, name):
        return ContentFile(rcssmin.cssmin(self.joined(name)).encode())

    def joined(self, name: str) -> str:
        """Return the style sheet with its imports replaced by their content.

        Raises ValueError where an imported one refers to a further file: its address would be
        relative to another folder.
        """
        storage, path = self.paths[name]
        with storage.open(path) as file:
            text = file.read().decode()
        folder = posixpath.dirname(name)
        return CSS_IMPORT.sub(lambda match: self.imported(posixpath.join(folder, match[1])), text)

    def imported(self, name):
        text = self.joined(posixpath.normpath(name))
        if CSS_URL.search(text):
            raise ValueError(f"{name} is imported by another style sheet and must not use url().")
        return text


class ArchiveStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Compressed files with digests in their names, style sheets joined and minified."""

    def post_process(self, paths, dry_run=False, **options):
        sheets = StyleSheets(paths)
        own = [name for name in paths if name.startswith(OWN_FOLDER) and name.endswith(".css")]
        replaced = {name: (sheets, name) for name in own}
        yield from super().post_process({**paths, **replaced}, dry_run=dry_run, **options)
