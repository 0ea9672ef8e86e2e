using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Exports;

/// <summary>Finds where the output of a run goes.</summary>
/// <param name="blobs">The store.</param>
/// <param name="client">The client of a configuration.</param>
/// <param name="folder">Where temporary files go.</param>
/// <param name="time">The clock of pauses.</param>
/// <param name="newUlid">Makes identifiers; never the same twice.</param>
internal sealed class ExportTargets(
    IBlobStore blobs,
    Func<HttpClientConfig, HttpMessageInvoker> client,
    string folder,
    TimeProvider time,
    Func<Ulid> newUlid
)
{
    /// <summary>Where the manifests of outputs are that went to a web server.</summary>
    private const string ManifestFolder = "exports/manifests/";

    /// <summary>The target of a run.</summary>
    public ExportTarget Of(ExportConfig config, long timeMs)
    {
        var output = config.Destination.Of(config.Name, timeMs);
        return config.Destination.Kind switch
        {
            ExportDestinationKind.Store => new StoreTarget(blobs, output, () => (ulong)newUlid().Value),
            ExportDestinationKind.File => new FileTarget(output),
            _ => new WebTarget(config, timeMs, ManifestOf(config.Name, timeMs), client(config.Http), folder, time),
        };
    }

    private ManifestBlob ManifestOf(string export, long timeMs) =>
        new(
            blobs,
            $"{ManifestFolder}{export}/{TimeText.Of(timeMs).Replace(":", "", StringComparison.Ordinal)}{ExportManifest.Suffix}"
        );
}
