using Tributary.Configuration.Advice;
using Tributary.Configuration.Yaml;
using Tributary.Identities;

namespace Tributary.Configuration.Http;

/// <summary>Reads a secret: a text, <c>${env:NAME}</c> for the value of an environment variable, or a file.</summary>
internal static class SecretReader
{
    private const string VariableStart = "${env:";

    /// <summary>Fields that are read as secrets, and are none that matter: a name, and what certificates tell everybody.</summary>
    private static readonly HashSet<string> PublicFields = new(StringComparer.Ordinal) { "username", "ca", "cert" };

    /// <summary>The secret in <c>FIELD</c> or <c>FIELD_file</c>; null when there is none, or it is an error.</summary>
    /// <remarks><c>FIELD_ref</c> names a secret of a secret manager; there is none here, nor in Prometheus itself.</remarks>
    public static Secret? Read(Section section, string field)
    {
        var reference = field + "_ref";
        if (!section.AtMostOne(field, field + "_file", reference))
        {
            return null;
        }
        if (section.Has(reference))
        {
            var problem = $"{reference} needs a secret manager, and there is none; use {field}_file or {field}";
            section.Refuse(section.Field(reference)!.At, problem);
            return null;
        }
        if (ReadFile(section, field + "_file") is { } file)
        {
            return file;
        }
        if (!PublicFields.Contains(field))
        {
            WarnOfPlainText(section, field, Explanations.PlainSecret(field));
        }
        return ReadText(section, field);
    }

    /// <summary>Warns of a field whose secret everybody can read who can read the file.</summary>
    public static void WarnOfPlainText(Section section, string field, Explanation explanation)
    {
        if (section.Has(field) && section.Field(field) is YamlScalar { Text: var text } node && IsPlain(text))
        {
            section.Warn(node.At, $"{field} is a secret in plain text", explanation);
        }
    }

    /// <summary>Whether a text is the secret itself.</summary>
    public static bool IsPlain(string text) => !text.Contains(VariableStart, StringComparison.Ordinal);

    /// <summary>The secret whose text is in a field; null when it is absent, empty, or an error.</summary>
    public static Secret? ReadText(Section section, string field) =>
        section.Has(field) ? ReadText(section, section.Field(field)!, field) : null;

    /// <summary>The secret whose text is a node; null is an error.</summary>
    public static Secret? ReadText(Section section, YamlNode node, string field)
    {
        if (section.TextOf(node, field) is not { } text)
        {
            return null;
        }
        if (!text.StartsWith(VariableStart, StringComparison.Ordinal) || !text.EndsWith('}'))
        {
            if (text.Contains(VariableStart, StringComparison.Ordinal))
            {
                section.Warn(
                    node.At,
                    $"{field}: {VariableStart}NAME}} is only filled in where it is the whole value; here it is taken as it stands"
                );
            }
            return Secret.Of(text);
        }
        var variable = text[VariableStart.Length..^1];
        if (section.Errors.Variable(variable) is { } value)
        {
            if (KeyVaultReference.IsUnresolved(value))
            {
                section.Refuse(node.At, $"{field}: {KeyVaultReference.Problem(variable)}");
                return null;
            }
            return Secret.Of(value);
        }
        section.Refuse(node.At, $"{field}: the environment variable {Words.Quote(variable)} is not set");
        return null;
    }

    /// <summary>The secret whose file is in a field; null when it is absent or an error.</summary>
    public static Secret? ReadFile(Section section, string field) =>
        section.NonEmptyText(field) is { } path ? Secret.InFile(section.Errors.PathOf(path)) : null;
}
