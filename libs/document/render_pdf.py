"""HTML on standard input, PDF/UA-1 on standard output. Fetches nothing."""

import gc
import resource
import sys

# A document is at most some hundred pages; a run-away is ended by the kernel, not by the machine.
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (300, 300))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

# One document and the end: nothing is worth collecting, and looking takes a tenth of the time.
gc.disable()

import weasyprint  # noqa: E402
from weasyprint.urls import FatalURLFetchingError, URLFetcher  # noqa: E402

VERSION = '70.0'


class RefuseEverything(URLFetcher):
    def fetch(self, url, headers=None):
        raise FatalURLFetchingError('a document loads nothing')


def main():
    if weasyprint.__version__ != VERSION:
        sys.exit(f'this is WeasyPrint {weasyprint.__version__}, not {VERSION}')
    html = sys.stdin.buffer.read().decode('utf-8')
    pdf = weasyprint.HTML(string=html, url_fetcher=RefuseEverything()).write_pdf(
        pdf_variant='pdf/ua-1', pdf_tags=True)
    sys.stdout.buffer.write(pdf)


main()
