using System.Text;
using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>Reads what configurations have in the store: themselves, and the files that they name there.</summary>
internal sealed class BlobConfig(IBlobStore blobs)
{
    private const string Prefix = "blob:";
    private const int MaxBytes = 16 * 1024 * 1024;
    private const int MaxFiles = 1000;

    /// <summary>A blob that somebody writes at the same time is read again so often.</summary>
    private const int MaxAttempts = 5;

    /// <summary>Whether a configuration's name is one of a blob.</summary>
    public static bool IsName(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>
    /// A text that is another as soon as the configuration is, or a file that it names: one look at each, and one list for
    /// each pattern with wildcards. Null when it is no blob, or not there.
    /// </summary>
    /// <param name="name">The configuration.</param>
    /// <param name="patterns">What it names, by its text as it was read last.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <exception cref="CommandException">The patterns name too many files.</exception>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<string?> StateAsync(
        string name,
        IReadOnlyList<string> patterns,
        CancellationToken cancellationToken
    )
    {
        if (!IsName(name) || await blobs.GetInfoAsync(name[Prefix.Length..], cancellationToken) is not { } config)
        {
            return null;
        }
        var state = new StringBuilder(config.ETag);
        foreach (var pattern in patterns)
        {
            var found = await FindAsync(BlobOf(pattern, FolderOf(name)), MaxFiles, cancellationToken);
            foreach (var file in found)
            {
                state.Append('\n').Append(file.Name).Append(' ').Append(file.ETag);
            }
        }
        return state.ToString();
    }

    /// <summary>The text, and what it refers to: relative patterns begin at the blob's own folder.</summary>
    /// <exception cref="CommandException">It is not there, or too long.</exception>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<(string Text, ConfigFiles Files)> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var blob = name[Prefix.Length..];
        var text = await ReadTextAsync(blob, cancellationToken);
        var patterns = ConfigReader.FilePatterns(text, name);
        var files = await FetchAsync(patterns, FolderOf(name), cancellationToken);
        return (text, files);
    }

    /// <summary>Where the relative patterns of a blob begin.</summary>
    private static string FolderOf(string name)
    {
        var blob = name[Prefix.Length..];
        return blob[..(blob.LastIndexOf('/') + 1)];
    }

    private static string BlobOf(string pattern, string folder) =>
        IsName(pattern) ? pattern[Prefix.Length..] : folder + pattern;

    /// <summary>The files of this process, and beside them the blobs that patterns with <c>blob:</c> name.</summary>
    /// <param name="patterns">The patterns.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CommandException">There are too many.</exception>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<ConfigFiles> BesideFilesAsync(IReadOnlyList<string> patterns, CancellationToken cancellationToken)
    {
        var fetched = await FetchAsync([.. patterns.Where(IsName)], "", cancellationToken);
        var process = ConfigFiles.OfProcess;
        return process with
        {
            Find = pattern => IsName(pattern) ? fetched.Find(pattern) : process.Find(pattern),
            ReadText = path => IsName(path) ? fetched.ReadText(path) : process.ReadText(path),
        };
    }

    private async Task<ConfigFiles> FetchAsync(
        IReadOnlyList<string> patterns,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pattern in patterns)
        {
            var files = await FindAsync(BlobOf(pattern, folder), MaxFiles - texts.Count, cancellationToken);
            found[pattern] = [.. files.Select(file => Prefix + file.Name)];
            foreach (var path in files.Select(file => file.Name))
            {
                if (!texts.ContainsKey(Prefix + path))
                {
                    texts[Prefix + path] = await ReadTextAsync(path, cancellationToken);
                }
            }
        }
        return new ConfigFiles(
            Environment.GetEnvironmentVariable,
            pattern => found.GetValueOrDefault(pattern) ?? [],
            path => texts[path]
        );
    }

    private async Task<List<BlobInfo>> FindAsync(string pattern, int max, CancellationToken cancellationToken)
    {
        var wildcard = pattern.AsSpan().IndexOfAny("*?[\\");
        if (wildcard < 0)
        {
            // A list costs ten times as much.
            return await blobs.GetInfoAsync(pattern, cancellationToken) is { } one ? [one] : [];
        }
        var found = new List<BlobInfo>();
        await foreach (var blob in blobs.ListAsync(pattern[..wildcard], cancellationToken))
        {
            if (!FileGlob.IsMatch(pattern, blob.Name))
            {
                continue;
            }
            if (found.Count == max)
            {
                throw new CommandException($"the configuration names more than {MaxFiles} files.");
            }
            found.Add(blob);
        }
        return found;
    }

    /// <summary>Length and text are two requests: of a blob that changes between them, the new one is read.</summary>
    private async Task<string> ReadTextAsync(string blob, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadOnceAsync(blob, cancellationToken);
            }
            catch (StoreException exception)
                when (exception.Error == StoreError.ConditionNotMet && attempt < MaxAttempts)
            {
                // Changed meanwhile.
            }
        }
    }

    private async Task<string> ReadOnceAsync(string blob, CancellationToken cancellationToken)
    {
        var info = await blobs.GetInfoAsync(blob, cancellationToken);
        if (info is null)
        {
            throw new CommandException(
                $"the configuration '{Prefix}{blob}' is not in the store. Upload it, or check {CommandOptions.ConfigName}."
            );
        }
        if (info.LengthBytes > MaxBytes)
        {
            throw new CommandException(
                $"the configuration '{Prefix}{blob}' has {info.LengthBytes} bytes; {MaxBytes} is the most."
            );
        }
        var bytes = new byte[info.LengthBytes];
        var read = await blobs.ReadAsync(blob, 0, bytes, info.ETag, cancellationToken);
        try
        {
            return ConfigBytes.Decode(bytes[..read]);
        }
        catch (IOException exception)
        {
            throw new CommandException(
                $"the configuration '{Prefix}{blob}' cannot be read: {exception.Message}",
                ExitCode.Failed,
                exception
            );
        }
    }
}
