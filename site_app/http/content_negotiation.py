"""Which representation an answer of the API has."""

from django.http import Http404
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation


class UnknownFormatIgnored(DefaultContentNegotiation):
    """The parameter `format` chooses among what a view has; another value is ignored, as elsewhere."""

    def filter_renderers(self, renderers, format):
        try:
            return super().filter_renderers(renderers, format)
        except Http404:
            return renderers


class WhateverIsAccepted(BaseContentNegotiation):
    """Files are sent as they are; what is said besides them (OPTIONS, errors) is JSON."""

    def select_parser(self, request, parsers):
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type
