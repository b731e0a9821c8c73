import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("hc_preferences_tour", {
    steps: () => [
        {
            content: "The link of the mail asks before it does anything",
            trigger: "button[name=unsubscribe]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Told that it is done",
            trigger: ".alert-success:contains(You are unsubscribed)",
        },
        {
            content: "A slip can be undone",
            trigger: "button[name=undo]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "And done again",
            trigger: "button[name=unsubscribe]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "To all preferences",
            trigger: ".o_hc_to_preferences",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page knows of it",
            trigger: "#want-care-email:not(:checked)",
        },
        {
            content: "It says what is known, and how",
            trigger: "[data-line=email]:contains(rosa@blum.example)",
        },
        {
            content: "Object to profiling",
            trigger: "button[name=object]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Told that it is done, and the eye is led there",
            trigger: ".o_hc_done:contains(deleted)",
        },
        {
            content: "Reloading would not tell it again",
            trigger: "form[data-act=agree]",
            run() {
                if (window.location.search.includes("done=")) {
                    throw new Error("The address still says what was done");
                }
            },
        },
        {
            content: "Ask for a copy",
            trigger: "button[name=copy]",
            async run() {
                const form = document.querySelector("form[data-act=copy]");
                const response = await fetch(form.action, {
                    method: "POST",
                    body: new URLSearchParams(new FormData(form)),
                });
                const type = response.headers.get("Content-Type");
                if (response.status !== 200 || type !== "application/zip") {
                    throw new Error(`No copy: ${response.status} ${type}`);
                }
            },
        },
    ],
});
