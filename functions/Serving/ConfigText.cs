using System.Security.Cryptography;
using System.Text;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;

namespace Tributary.Functions.Serving;

/// <summary>A configuration as it lies in its file or blob, not yet read.</summary>
/// <param name="Name">What errors call it.</param>
/// <param name="Text">The text.</param>
/// <param name="Files">Further files that it names.</param>
internal sealed record ConfigText(string Name, string Text, ConfigFiles Files)
{
    private static readonly string[] FilesFields = ["scrape_config_files", "rule_files"];

    /// <summary>Whether it can change without a change of its own text.</summary>
    public bool MayNameFiles => MayName(Text);

    /// <summary>Whether a configuration names files beside itself.</summary>
    public static bool MayName(string text) => FilesFields.Any(field => text.Contains(field, StringComparison.Ordinal));

    /// <summary>The configuration.</summary>
    /// <param name="isAgent">Whether it is checked as for Prometheus' agent mode.</param>
    /// <exception cref="ConfigException">It is not valid.</exception>
    public CollectorConfig Read(bool isAgent = false) => ConfigReader.Read(Text, Name, Files, isAgent);

    /// <summary>A text that is another as soon as anything is that the configuration is made of.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Text);
        if (MayNameFiles)
        {
            foreach (var path in ConfigReader.FilePatterns(Text, Name).SelectMany(Files.Find))
            {
                Append(hash, path);
                Append(hash, TextOf(path));
            }
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private string TextOf(string path)
    {
        try
        {
            return Files.ReadText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Reading the configuration says so, with the place that names the file.
            return exception.Message;
        }
    }

    private static void Append(IncrementalHash hash, string text)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0]);
    }
}
