// Odoo core's rules (addons/web/tooling and addons/test_lint), for today's eslint.
// No imports: eslint lives in the cache of setup/lint, not beside this file.

const names = (text) => Object.fromEntries(text.trim().split(/\s+/).map((name) => [name, false]));

const browser = names(`
    window document navigator location history console fetch Request Response Headers URL
    URLSearchParams FormData Blob File FileReader Image Node NodeList Element HTMLElement
    HTMLInputElement HTMLTextAreaElement SVGElement Event CustomEvent KeyboardEvent MouseEvent
    PointerEvent DragEvent TouchEvent EventTarget DataTransfer DOMParser DOMRect
    MutationObserver IntersectionObserver ResizeObserver AbortController AbortSignal
    setTimeout clearTimeout setInterval clearInterval queueMicrotask structuredClone
    requestAnimationFrame cancelAnimationFrame requestIdleCallback matchMedia getComputedStyle
    getSelection localStorage sessionStorage performance crypto alert confirm CSS Worker
    WebSocket MessageChannel BroadcastChannel TextEncoder TextDecoder Audio Notification
    XMLSerializer NodeFilter Range btoa atob
`);
const odoo = names("odoo luxon Chart FullCalendar DOMPurify $ jQuery");

export default [
    { ignores: ["**/static/lib/**", "**/node_modules/**"] },
    {
        files: ["**/*.js", "**/*.mjs"],
        linterOptions: { reportUnusedDisableDirectives: "error" },
        languageOptions: {
            ecmaVersion: 2022,
            sourceType: "module",
            globals: { ...browser, ...odoo },
        },
        rules: {
            "arrow-body-style": ["error", "as-needed"],
            "constructor-super": "error",
            curly: ["error", "all"],
            eqeqeq: ["error", "always", { null: "ignore" }],
            "for-direction": "error",
            "getter-return": "error",
            "no-async-promise-executor": "error",
            "no-cond-assign": "error",
            "no-const-assign": "error",
            "no-debugger": "error",
            "no-dupe-args": "error",
            "no-dupe-class-members": "error",
            "no-dupe-else-if": "error",
            "no-dupe-keys": "error",
            "no-duplicate-case": "error",
            "no-duplicate-imports": "error",
            "no-empty": "error",
            "no-fallthrough": "error",
            "no-func-assign": "error",
            "no-import-assign": "error",
            "no-redeclare": "error",
            "no-restricted-globals": ["error", "event", "self"],
            "no-restricted-syntax": [
                "error",
                "PrivateIdentifier",
                {
                    selector:
                        "ClassDeclaration[superClass.name='Component']:not(:has(ClassBody.body > PropertyDefinition[key.name='props'][static='true']))",
                    message: "Component should declare static props",
                },
                {
                    selector:
                        "ClassDeclaration[superClass.name='Component']:not(:has(ClassBody.body > PropertyDefinition[key.name='template'][static='true']))",
                    message: "Component should declare static template",
                },
                {
                    selector:
                        "CallExpression[callee.name='_t'] > :first-child[value=/(.*%s){2,}/]",
                    message: "Usage of _t function with multiple unnamed placeholders",
                },
                {
                    selector:
                        "CallExpression[callee.object.name='notificationService'][callee.property.name='add'] > Literal:first-child",
                    message:
                        "String passed to 'notificationService.add()' should be translated.",
                },
            ],
            "no-self-assign": "error",
            "no-this-before-super": "error",
            "no-undef": "error",
            "no-unreachable": "error",
            "no-unsafe-finally": "error",
            "no-unsafe-negation": "error",
            "no-unsafe-optional-chaining": "error",
            "no-unused-vars": [
                "error",
                { vars: "all", args: "none", ignoreRestSiblings: false, caughtErrors: "all" },
            ],
            "no-useless-catch": "error",
            "no-var": "error",
            "prefer-const": ["error", { destructuring: "all", ignoreReadBeforeAssign: true }],
            "require-yield": "error",
            "use-isnan": "error",
            "valid-typeof": "error",
        },
    },
];
