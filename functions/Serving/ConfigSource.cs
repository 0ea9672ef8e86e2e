using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>Reads the configuration from where the settings say: a file, a blob of the store, or the built-in one.</summary>
internal static class ConfigSource
{
    private const string TlsField = "tls_server_config";

    /// <summary>
    /// Whether the server has to know the configuration before it listens. A local file is searched for the name of the
    /// field, which takes no time; all others do not wait for its reading.
    /// </summary>
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public static bool MayAskForTls(Settings settings) =>
        settings.Config is { } name
        && (BlobConfig.IsName(name) || ReadFile(name).Contains(TlsField, StringComparison.Ordinal));

    /// <summary>A configuration's text, and the means to find what it names.</summary>
    /// <param name="name">A path, or <c>blob:</c> and a name.</param>
    /// <param name="blobs">Opens the store of <c>blob:</c> names.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CommandException">It cannot be read.</exception>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public static async Task<ConfigText> ReadTextAsync(
        string name,
        Func<IBlobStore> blobs,
        CancellationToken cancellationToken
    )
    {
        if (BlobConfig.IsName(name))
        {
            var (text, files) = await new BlobConfig(blobs()).ReadAsync(name, cancellationToken);
            return new ConfigText(name, text, files);
        }
        var inFile = ReadFile(name);
        IReadOnlyList<string> patterns = ConfigText.MayName(inFile) ? ConfigReader.FilePatterns(inFile, name) : [];
        return patterns.Any(BlobConfig.IsName)
            ? new ConfigText(name, inFile, await new BlobConfig(blobs()).BesideFilesAsync(patterns, cancellationToken))
            : new ConfigText(name, inFile, ConfigFiles.OfProcess);
    }

    /// <summary>Not awaited: the start waits for it in any case, and what awaits has to be compiled.</summary>
    private static string ReadFile(string name)
    {
        try
        {
            return ConfigBytes.Decode(File.ReadAllBytes(name));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var problem =
                Directory.Exists(name) ? "is a folder; name a file in it"
                : exception is FileNotFoundException or DirectoryNotFoundException ? "does not exist"
                : $"cannot be read: {exception.Message}";
            throw new CommandException($"the configuration file '{name}' {problem}", ExitCode.Failed, exception);
        }
    }
}
