"""Public media in a bucket; needs the packages of requirements-scale.txt."""

from urllib.parse import quote

from django.conf import settings
from storages.backends.s3 import S3Storage


class MediaBucket(S3Storage):
    """Portraits and logos keep their address on the site: no page loads anything from elsewhere."""

    def url(self, name, parameters=None, expire=None, http_method=None):
        return settings.MEDIA_URL + quote(name)
