namespace Tributary.Benchmarks.Kernels;

/// <summary>
/// Our scrape path without storage: parse, look every series up, drop it. One instance lives over all scrapes of one
/// source, as its state does in production.
/// </summary>
internal sealed class ParseKernel
{
    private long bodies;

    /// <summary>Whether <see cref="ScrapeAsync"/> is joined to the exposition reader.</summary>
    public static bool IsJoined => false;

    /// <summary>Takes one body to its end.</summary>
    /// <param name="body">The body as it comes off the wire, uncompressed.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>How many samples were in it.</returns>
    /// <exception cref="BenchmarkException">It is not joined to the exposition reader.</exception>
    public Task<long> ScrapeAsync(Stream body, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        bodies++;
        throw new BenchmarkException($"no parser is joined that could read body {bodies} from a {body.GetType().Name}");
    }
}
