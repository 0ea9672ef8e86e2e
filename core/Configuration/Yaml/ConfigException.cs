namespace Tributary.Configuration.Yaml;

/// <summary>A configuration is not usable; the message has a line for each error.</summary>
public sealed class ConfigException(IReadOnlyList<ConfigError> errors) : Exception(string.Join('\n', errors))
{
    /// <summary>All errors, in the order of the file.</summary>
    public IReadOnlyList<ConfigError> Errors { get; } = errors;

    /// <summary>What would be warnings of it, in the order of the file.</summary>
    public IReadOnlyList<ConfigError> Warnings { get; init; } = [];
}
