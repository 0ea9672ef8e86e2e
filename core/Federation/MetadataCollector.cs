using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.HttpClients;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>
/// Types, help texts and units of federated series, which <c>/federate</c> does not have: from the source's API, once an
/// hour. Whatever goes wrong with that is noted in the source's memory, and changes nothing else.
/// </summary>
/// <param name="scraper">Has the clients and the clock.</param>
internal sealed class MetadataCollector(Scraper scraper)
{
    private const string Path = "/api/v1/metadata";

    private const int MaxReasonChars = 500;

    /// <summary>After the first failure; each further one doubles it, up to <see cref="Every"/>.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>What a scrape left of its timeout is taken, within these.</summary>
    private static readonly (TimeSpan Shortest, TimeSpan Longest) Patience = (
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(10)
    );

    /// <summary>The ends of names of series that are not in their family's name.</summary>
    private static readonly string[] Suffixes = ["_bucket", "_count", "_sum", "_total", "_info", "_created"];

    /// <summary>Adds metadata to what was collected, when it is time for it.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<Collected> AddAsync(SourceTurn turn, Collected collected, CancellationToken cancellationToken)
    {
        var memory = collected.Memory;
        var nowMs = scraper.Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (
            !turn.Target.IsFederate
            || turn.Target.Problem is not null
            || collected.Batch.Report.Verdict is Verdict.Failed
            || nowMs < memory.MetadataMs + (long)PauseAfter(memory).TotalMilliseconds
        )
        {
            return collected;
        }
        var problem = "";
        var batch = collected.Batch;
        try
        {
            var wanted = FamiliesOf(batch.Scraped.Series);
            var found = await FetchAsync(turn.Target, batch.Report, wanted.Contains, cancellationToken);
            if (turn.State.Tell(found) is { } unsent)
            {
                batch = batch with { Metadata = Merge(batch.Metadata, unsent) };
            }
            else
            {
                problem = "there is no memory for it";
            }
        }
        catch (MetadataException exception)
        {
            problem = exception.Message;
        }
        return collected with
        {
            Batch = batch,
            Memory = memory with
            {
                MetadataMs = nowMs,
                MetadataError = problem,
                MetadataFailures = problem.Length == 0 ? 0 : memory.MetadataFailures + 1,
            },
        };
    }

    /// <summary>The names that families may have to which series belong.</summary>
    internal static HashSet<string> FamiliesOf(SeriesList series)
    {
        var families = new HashSet<string>(StringComparer.Ordinal);
        foreach (var labels in series.Span)
        {
            var name = labels.MetricName;
            if (!families.Add(name))
            {
                continue;
            }
            foreach (var suffix in Suffixes)
            {
                if (name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal))
                {
                    families.Add(name[..^suffix.Length]);
                }
            }
        }
        return families;
    }

    /// <summary>The address of a part of a federate target's API: beside its <c>/federate</c>, with the parameters but the selectors.</summary>
    internal static Uri UrlOf(Target target, string path)
    {
        const string Federate = "/federate";
        var place = target.Url.AbsolutePath;
        var query = target
            .Url.Query.TrimStart('?')
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(pair => Uri.UnescapeDataString(pair.Split('=')[0]) is not "match[]");
        return new UriBuilder(target.Url)
        {
            Path = (place.EndsWith(Federate, StringComparison.Ordinal) ? place[..^Federate.Length] : place) + path,
            Query = string.Join('&', query),
        }.Uri;
    }

    private static TimeSpan PauseAfter(SourceMemory memory)
    {
        const int MostDoublings = 8;
        var pause = FirstPause * Math.Pow(2, Math.Min(memory.MetadataFailures, MostDoublings) - 1);
        return memory.MetadataFailures == 0 || pause > Every ? Every : pause;
    }

    private static IReadOnlyList<MetricMetadata> Merge(
        IReadOnlyList<MetricMetadata> before,
        IReadOnlyList<MetricMetadata> later
    )
    {
        var families = new OrderedDictionary<string, MetricMetadata>(StringComparer.Ordinal);
        foreach (var item in before.Concat(later))
        {
            families[item.Family] = item;
        }
        return [.. families.Values];
    }

    private async Task<IReadOnlyList<MetricMetadata>> FetchAsync(
        Target target,
        ScrapeReport report,
        Func<string, bool> isWanted,
        CancellationToken cancellationToken
    )
    {
        var left = target.Timeout - TimeSpan.FromSeconds(report.DurationSeconds);
        var patience =
            left < Patience.Shortest ? Patience.Shortest
            : left > Patience.Longest ? Patience.Longest
            : left;
        using var timeout = new CancellationTokenSource(patience, scraper.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        HttpRequestMessage? sent = null;
        try
        {
            using var request = CreateRequest(target);
            using var response = await scraper.HttpOf(target).SendAsync(request, both.Token);
            sent = response.RequestMessage;
            if (response.StatusCode is not HttpStatusCode.OK)
            {
                throw new MetadataException($"the source answered {(int)response.StatusCode} to {Path}");
            }
            var raw = await response.Content.ReadAsStreamAsync(both.Token);
            await using var rawDisposal = raw;
            var isGzip = response.Content.Headers.ContentEncoding.Contains("gzip", StringComparer.OrdinalIgnoreCase);
            var body = isGzip ? new GZipStream(raw, CompressionMode.Decompress, true) : raw;
            await using var bodyDisposal = body;
            return await new MetadataReader(isWanted).ReadAsync(body, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MetadataException($"no whole answer from {Path} within {patience.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException exception)
        {
            throw new MetadataException(Shown(ConnectionProblem.Describe(exception, target.Url), sent), exception);
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or InvalidDataException or JsonException)
        {
            throw new MetadataException(Shown($"the answer of {Path} is not usable: {exception.Message}", sent), exception);
        }
    }

    private static string Shown(string problem, HttpRequestMessage? sent) =>
        Words.Clean(SentSecrets.Hide(problem, sent), MaxReasonChars);

    private static HttpRequestMessage CreateRequest(Target target)
    {
        var url = new UriBuilder(UrlOf(target, Path));
        url.Query = (url.Query.Length > 1 ? url.Query[1..] + "&" : "") + "limit_per_metric=1";
        var request = new HttpRequestMessage(HttpMethod.Get, url.Uri)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
        };
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation(
            "Accept-Encoding",
            target.Config.EnableCompression ? "gzip" : "identity"
        );
        request.Headers.TryAddWithoutValidation("User-Agent", ScrapeRequest.UserAgent);
        return request;
    }

    /// <summary>Why there is no metadata, without secrets.</summary>
    private sealed class MetadataException(string message, Exception? inner = null) : Exception(message, inner);
}
