using System.Formats.Tar;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Tributary.Configuration;
using Tributary.HttpClients;

namespace Tributary.Exports;

/// <summary>An output that a web server takes, whole, by one request; its manifest stays in the store.</summary>
/// <param name="config">The export.</param>
/// <param name="timeMs">Its scheduled time, milliseconds since the epoch.</param>
/// <param name="blob">Where the manifest is.</param>
/// <param name="client">Sends requests.</param>
/// <param name="folder">Where the output waits until it is whole.</param>
/// <param name="time">The clock of pauses.</param>
internal sealed class WebTarget(
    ExportConfig config,
    long timeMs,
    ManifestBlob blob,
    HttpMessageInvoker client,
    string folder,
    TimeProvider time
) : ExportTarget
{
    private const int MaxTries = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private readonly string url = config.Destination.Of(config.Name, timeMs);

    /// <inheritdoc/>
    public override string Shown => config.Destination.Shown(url);

    /// <inheritdoc/>
    public override string Manifest => blob.Name;

    /// <inheritdoc/>
    public override Task<ExportManifest?> LookAsync(CancellationToken cancellationToken) =>
        blob.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public override ExportSink Open() => new Sink(this);

    /// <summary>A block goes as a tar: one request, and the same bytes every time.</summary>
    public override async Task<(long Bytes, string Sha256)> SendAsync(
        BlockFolder? block,
        CancellationToken cancellationToken
    )
    {
        await using var file = NewFile();
        await using (var tar = new TarWriter(file, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var one in block?.Files ?? [])
            {
                await using var content = File.OpenRead(block!.PathOf(one));
                var entry = new UstarTarEntry(TarEntryType.RegularFile, one.Path)
                {
                    DataStream = content,
                    ModificationTime = DateTimeOffset.FromUnixTimeSeconds(timeMs / 1000),
                    Mode =
                        UnixFileMode.UserRead
                        | UnixFileMode.UserWrite
                        | UnixFileMode.GroupRead
                        | UnixFileMode.OtherRead,
                };
                await tar.WriteEntryAsync(entry, cancellationToken);
            }
        }
        file.Position = 0;
        var sha256 = await SHA256.HashDataAsync(file, cancellationToken);
        await SendAsync(file, sha256, cancellationToken);
        return (file.Length, Convert.ToHexStringLower(sha256));
    }

    /// <inheritdoc/>
    public override Task WriteManifestAsync(
        ExportManifest manifest,
        ExportManifest? before,
        CancellationToken cancellationToken
    ) => blob.WriteAsync(manifest, cancellationToken);

    /// <summary>What the server took is the server's.</summary>
    public override Task DeleteAsync(CancellationToken cancellationToken) => blob.DeleteAsync(cancellationToken);

    private FileStream NewFile()
    {
        Directory.CreateDirectory(folder);
        return new FileStream(
            Path.Join(folder, $"tributary-export-{Guid.NewGuid():N}"),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                Options = FileOptions.DeleteOnClose,
            }
        );
    }

    private async Task SendAsync(FileStream content, byte[] sha256, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var problem = await TrySendAsync(content, sha256, cancellationToken);
            if (problem is null)
            {
                return;
            }
            if (attempt == MaxTries || !problem.Value.MayPass)
            {
                throw new ExportException($"{Shown} did not take the output: {problem.Value.Text}");
            }
            await Task.Delay(FirstPause * (1 << (2 * (attempt - 1))), time, cancellationToken);
        }
    }

    /// <summary>One request.</summary>
    /// <returns>Null, or why it was not taken, and whether another try may help.</returns>
    private async Task<(string Text, bool MayPass)?> TrySendAsync(
        FileStream content,
        byte[] sha256,
        CancellationToken cancellationToken
    )
    {
        content.Position = 0;
        using var late = new CancellationTokenSource(Patience, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        using var request = new HttpRequestMessage(config.Destination.UsesPost ? HttpMethod.Post : HttpMethod.Put, url);
        // The content would be closed with the request, and is needed for the next one.
        request.Content = new StreamContent(new OpenStream(content));
        request.Content.Headers.ContentLength = content.Length;
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(ExportNames.ContentType(config));
        request.Content.Headers.TryAddWithoutValidation(
            "Content-Digest",
            $"sha-256=:{Convert.ToBase64String(sha256)}:"
        );
        request.Headers.TryAddWithoutValidation("Idempotency-Key", $"\"{config.Name}/{TimeText.Of(timeMs)}\"");
        try
        {
            using var answer = await client.SendAsync(request, stop.Token);
            if (answer.IsSuccessStatusCode)
            {
                return null;
            }
            var status = (int)answer.StatusCode;
            return (
                string.Create(CultureInfo.InvariantCulture, $"it answered {status} {answer.ReasonPhrase}"),
                status is 408 or 429 or >= 500
            );
        }
        catch (HttpRequestException exception)
        {
            return (ConnectionProblem.Describe(exception, new Uri(url), "web server"), true);
        }
        catch (OperationCanceledException)
            when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (
                string.Create(CultureInfo.InvariantCulture, $"it took more than {Patience.TotalMinutes} minutes"),
                false
            );
        }
    }

    private sealed class Sink(WebTarget target) : ExportSink
    {
        private readonly FileStream file = target.NewFile();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
            file.WriteAsync(bytes, cancellationToken);

        public override Task CommitAsync(byte[] sha256, CancellationToken cancellationToken) =>
            target.SendAsync(file, sha256, cancellationToken);

        public override ValueTask DisposeAsync() => file.DisposeAsync();
    }
}
