namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>The ways to run that the core must not notice.</summary>
public enum Form
{
    /// <summary><c>tributary serve</c> over a folder.</summary>
    StandaloneLocal,

    /// <summary><c>tributary serve</c> over Azurite.</summary>
    StandaloneAzurite,

    /// <summary>A function app over Azurite.</summary>
    FunctionsAzurite,
}
