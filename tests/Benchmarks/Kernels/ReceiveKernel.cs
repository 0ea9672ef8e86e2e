namespace Tributary.Benchmarks.Kernels;

/// <summary>The floor of every scrape: receives a body and only counts its lines.</summary>
internal static class ReceiveKernel
{
    public static async Task<long> ScrapeAsync(Stream body, CancellationToken cancellation)
    {
        var buffer = new byte[256 << 10];
        long lines = 0;
        while (await body.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        return lines;
    }
}
