namespace Tributary.Exports;

/// <summary>Where one run's output and manifest go.</summary>
/// <remarks>
/// <see cref="LookAsync"/> first: output and manifest are changed only if nobody else changed them since.
/// </remarks>
internal abstract class ExportTarget
{
    /// <summary>Where the output is, without secrets.</summary>
    public abstract string Shown { get; }

    /// <summary>Where the manifest is.</summary>
    public abstract string Manifest { get; }

    /// <summary>Looks at what is there, and removes what a run that was killed left behind.</summary>
    /// <returns>The manifest; null when there is none, or no output with it.</returns>
    public abstract Task<ExportManifest?> LookAsync(CancellationToken cancellationToken);

    /// <summary>Begins the output.</summary>
    public abstract ExportSink Open();

    /// <summary>Brings a block to where it goes: nobody takes it for whole before it is.</summary>
    /// <param name="block">The block; null is an output without series.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Bytes and SHA-256 of the output.</returns>
    public abstract Task<(long Bytes, string Sha256)> SendAsync(
        BlockFolder? block,
        CancellationToken cancellationToken
    );

    /// <summary>Writes the manifest, and removes what the output before had and this one has not.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="before">That of the output before; null without one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OutputChangedException">Somebody else wrote one meanwhile.</exception>
    public abstract Task WriteManifestAsync(
        ExportManifest manifest,
        ExportManifest? before,
        CancellationToken cancellationToken
    );

    /// <summary>Removes the manifest, and then the output as far as it can be.</summary>
    public abstract Task DeleteAsync(CancellationToken cancellationToken);
}
