struct SearchEnd { let tone, text: String }
